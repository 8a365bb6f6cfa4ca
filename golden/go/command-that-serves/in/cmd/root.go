package cmd

import (
	"os"

	"github.com/spf13/cobra"
)

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "notes",
		Short: "Notes on the command line and in the browser",
		RunE: func(cmd *cobra.Command, args []string) error {
			return cmd.Help()
		},
	}
	root.AddCommand(newServer(), newList())
	return root
}

func Execute() {
	if newRoot().Execute() != nil {
		os.Exit(1)
	}
}
