package cmd

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tmates/tmates/agents/catalog"
)

func (p *program) tmateInstallCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "install FILE|URL", Short: "Install a tmate from a bundle", Args: usageArgs(cobra.ExactArgs(1)),
		Long: `Install a tmate from a bundle, a tar.gz with one folder that is named by the
tmate's key. It becomes a local tmate: a folder in tmates/ of the data folder.
A running server notices it within five seconds.`,
	}
	sum := cmd.Flags().String("sha256", "", "what the SHA-256 of the bundle must be, in hexadecimal; required for http and https")
	force := cmd.Flags().Bool("force", false, "replace a local tmate with the same key")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		cfg, err := p.load(cmd)
		if err != nil {
			return err
		}
		from, err := bundleURL(args[0])
		if err != nil {
			return usageError{err}
		}
		if *sum == "" && from.Scheme != "file" {
			return usageError{errors.New("a bundle from the network needs --sha256: its publisher tells it")}
		}
		data, err := catalog.FetchBundle(cmd.Context(), from)
		if err != nil {
			return fmt.Errorf("fetch bundle: %w", err)
		}
		if *sum != "" {
			if err := catalog.CheckSum(data, *sum); err != nil {
				return err
			}
		}
		b, err := catalog.Read(data)
		if err != nil {
			return err
		}
		t, err := b.Install(filepath.Join(cfg.Data, "tmates"), *force)
		if err != nil {
			return err
		}
		p.skipped(b.Skipped)
		_, err = fmt.Fprintf(p.out, "%s is installed; to hire it: tmates tmate hire %s\n", t.Key, t.Key)
		return err
	}
	return cmd
}

// bundleURL reads where a bundle is: an address, or a file relative to here.
func bundleURL(s string) (*url.URL, error) {
	if strings.Contains(s, "://") {
		u, err := catalog.ParseURL(s)
		if err != nil {
			return nil, fmt.Errorf("the bundle's address: %w", err)
		}
		return u, nil
	}
	abs, err := filepath.Abs(s)
	if err != nil {
		return nil, fmt.Errorf("find bundle: %w", err)
	}
	return catalog.ParseURL(abs)
}

// skipped tells which files of a folder or bundle are no data of a tmate.
func (p *program) skipped(names []string) {
	if len(names) == 0 {
		return
	}
	const shown = 5
	list := strings.Join(names[:min(len(names), shown)], ", ")
	if len(names) > shown {
		list += fmt.Sprintf(" and %d more", len(names)-shown)
	}
	_, _ = fmt.Fprintf(p.err, "note: left out, because only the manifest, rules.yaml, prompts/ and assets/ are used: %s\n", printable(list))
}

func (p *program) tmateBundleCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "bundle DIR", Short: "Make a bundle of a tmate's folder and print its SHA-256", Args: usageArgs(cobra.ExactArgs(1)),
		Long: `Make a bundle of the folder of a tmate, for "tmates tmate install" and for a
catalog. The folder must be named by the tmate's key and must be loadable. The
same files make the same bytes.`,
	}
	out := cmd.Flags().StringP("output", "o", "", "file to write; default: KEY-VERSION.tar.gz here")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		data, t, skipped, err := catalog.Pack(args[0])
		if err != nil {
			return err
		}
		name := *out
		if name == "" {
			version, _ := t.Manifest["version"].(string)
			name = t.Key + "-" + cmp.Or(fileSafe(version), "0.0.0") + ".tar.gz"
		}
		if err := writeBeside(name, data); err != nil {
			return err
		}
		p.skipped(skipped)
		_, err = fmt.Fprintf(p.out, "%s  %s\n", catalog.Checksum(data), name)
		return err
	}
	return cmd
}

// fileSafe takes out of a version what has no place in a file's name.
func fileSafe(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(".+-_", r) {
			return r
		}
		return -1
	}, s)
}

// writeBeside writes a file whole or not at all. A new bundle is for everybody
// to read, as far as the umask allows.
func writeBeside(name string, data []byte) error {
	beside := filepath.Join(filepath.Dir(name), "."+filepath.Base(name)+".new")
	f, err := os.Create(beside)
	if err != nil {
		return fmt.Errorf("make file: %w", err)
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(beside, name)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write bundle: %w", err), os.Remove(beside))
	}
	return nil
}
