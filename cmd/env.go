package cmd

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tmates/tmates/cmd/config"
	"github.com/tmates/tmates/server/token"
	"github.com/tmates/tmates/store"
)

// variable is one line of a client's environment.
type variable struct{ name, value string }

func (p *program) envCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "env",
		Short: "Print what the official client needs to find this server",
		Args:  usageArgs(cobra.NoArgs),
	}
	format := cmd.Flags().String("format", "dotenv", "dotenv, export, json or cli-settings")
	base := cmd.Flags().String("url", "", "how the client reaches the server (default: public_url, or where it listens)")
	service := cmd.Flags().Bool("service-role", false, "add the service key, which may do everything")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, err := p.load(cmd)
		if err != nil {
			return err
		}
		secrets, err := token.Load(cfg.Data, time.Now())
		if err != nil {
			return err
		}
		url := strings.TrimRight(*base, "/")
		if url == "" {
			url = reachable(cfg)
		}
		if *format == "cli-settings" {
			return p.printJSON(map[string]string{
				"customSupabaseUrl": url, "customSupabaseAnonKey": secrets.AnonKey(), "customApiBaseUrl": url + "/v1",
			})
		}
		vars := []variable{
			{"TMATES_SUPABASE_URL", url}, {"TMATES_SUPABASE_ANON_KEY", secrets.AnonKey()}, {"TMATES_API_BASE_URL", url + "/v1"},
		}
		if *service {
			_, _ = fmt.Fprintln(p.err, "The service key may do everything on this server. Keep it away from clients.")
			vars = append(vars, variable{"SUPABASE_SERVICE_ROLE_KEY", secrets.ServiceKey()})
		}
		return p.printVariables(*format, vars)
	}
	return cmd
}

// reachable is the address clients are told: the configured one, else that of
// the server which runs on the folder, else the one it would listen on.
func reachable(cfg *config.Config) string {
	if cfg.PublicURL != "" {
		return cfg.PublicURL
	}
	if holder := store.ReadHolder(cfg.Data); holder.URL != "" {
		return cfg.BaseURL(strings.TrimPrefix(holder.URL, "http://"))
	}
	return cfg.BaseURL("")
}

func (p *program) printVariables(format string, vars []variable) error {
	prefix := ""
	switch format {
	case "json":
		m := map[string]string{}
		for _, v := range vars {
			m[v.name] = v.value
		}
		return p.printJSON(m)
	case "export":
		prefix = "export "
	case "dotenv":
	default:
		return usageError{errors.New("--format can be dotenv, export, json or cli-settings")}
	}
	for _, v := range vars {
		if _, err := fmt.Fprintf(p.out, "%s%s=%s\n", prefix, v.name, v.value); err != nil {
			return err
		}
	}
	return nil
}
