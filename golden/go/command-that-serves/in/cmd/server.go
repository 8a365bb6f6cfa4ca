package cmd

import (
	"fmt"
	"net/http"

	"github.com/spf13/cobra"
)

func newServer() *cobra.Command {
	var address, port string
	server := &cobra.Command{Use: "server", Short: "Works with the server"}
	start := &cobra.Command{
		Use:   "start [flags]",
		Short: "Serves the notes",
		RunE: func(cmd *cobra.Command, args []string) error {
			http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "hello") })
			return http.ListenAndServe(address+":"+port, nil)
		},
	}
	start.Flags().StringVarP(&address, "address", "a", "127.0.0.1", "address to listen on")
	start.Flags().StringVarP(&port, "port", "p", "8090", "port to listen on")
	check := &cobra.Command{Use: "check URL", Args: cobra.ExactArgs(1), Run: func(*cobra.Command, []string) {}}
	server.AddCommand(start, check)
	return server
}
