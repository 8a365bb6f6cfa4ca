package cmd

import (
	"fmt"

	"github.com/spf13/cobra"
)

func newList() *cobra.Command {
	return &cobra.Command{Use: "list", Run: func(*cobra.Command, []string) { fmt.Println("none") }}
}
