package cmd

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"

	"github.com/spf13/cobra"

	"github.com/tmates/tmates/cmd/app"
	"github.com/tmates/tmates/cmd/config"
)

// serveDemo runs the server on a data folder of its own, which is removed at the
// end, with the defaults and --listen: no other setting of the machine counts,
// so that the demo touches nobody's data, models or mail.
func (p *program) serveDemo(cmd *cobra.Command) (err error) {
	for _, name := range []string{"data", "config"} {
		if cmd.Flags().Changed(name) {
			return usageError{fmt.Errorf("--%s does not go with --demo, which has a data folder and settings of its own", name)}
		}
	}
	dir, err := os.MkdirTemp("", "tmates-demo-")
	if err != nil {
		return fmt.Errorf("make demo folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	environ := []string{"TMATES_DATA=" + dir}
	if listen := os.Getenv("TMATES_LISTEN"); listen != "" {
		environ = append(environ, "TMATES_LISTEN="+listen)
	}
	cfg, err := config.Load(config.LoadOptions{Flags: cmd.Flags(), Environ: environ})
	if err != nil {
		return err
	}
	if !loopback(cfg.Listen) {
		return usageError{fmt.Errorf("--demo listens on this machine only, as in --listen 127.0.0.1:8000, and not on %s: whoever reaches it is let in", cfg.Listen)}
	}
	o := p.serveOptions(cfg)
	o.Demo = true
	return app.Serve(cmd.Context(), o, func(s app.Started) { p.welcomeDemo(dir, s) })
}

// loopback reports whether an address to listen on is reached from this machine
// alone.
func loopback(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false
	}
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.Unmap().IsLoopback()
}

// welcomeDemo prints how to get in, and last of all where.
func (p *program) welcomeDemo(dir string, s app.Started) {
	_, _ = fmt.Fprintf(p.out, "demo folder:      %s (removed at the end)\nopen in a browser: %s (once, within 30 minutes)\n"+
		"or sign in as:    %s, password %s\nlistening on:     %s\n", dir, s.Guest.Link, s.Guest.Email, s.Guest.Password, s.URL)
}
