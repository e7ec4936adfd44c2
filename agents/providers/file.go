package providers

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"go.yaml.in/yaml/v3"

	"github.com/tmates/tmates/store/disk"
)

// FileName is the name of the saved definitions inside the data folder.
const FileName = "providers.yaml"

// maxFile bounds what is read, in bytes.
const maxFile = 256 << 10

// saved is the file's form.
type saved struct {
	Default   string                `yaml:"default,omitempty"`
	Providers map[string]Definition `yaml:"providers"`
}

const fileHead = `# Model services that were saved while tmates ran. Better changed with
# tmates provider add and remove: a change by hand counts from the next start.
# Their keys are in secrets.yaml.
`

// readSaved reads the definitions of a data folder; without a file there are none.
func readSaved(dir string) (saved, error) {
	out := saved{Providers: map[string]Definition{}}
	path := filepath.Join(dir, FileName)
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return out, nil
	}
	if err != nil {
		return out, fmt.Errorf("open saved providers: %w", err)
	}
	defer func() { _ = f.Close() }()
	text, err := io.ReadAll(io.LimitReader(f, maxFile))
	if err != nil {
		return out, fmt.Errorf("read saved providers: %w", err)
	}
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(&out); err != nil && !errors.Is(err, io.EOF) {
		return out, fmt.Errorf("%s: %w: mend it, or move it away and add its providers anew with tmates provider add", path, err)
	}
	if out.Providers == nil {
		out.Providers = map[string]Definition{}
	}
	return out, nil
}

// write replaces the file: a power cut leaves the old one or the new one.
func (s saved) write(dir string) error {
	var text bytes.Buffer
	text.WriteString(fileHead)
	e := yaml.NewEncoder(&text)
	e.SetIndent(2)
	if err := e.Encode(s); err != nil {
		return fmt.Errorf("encode saved providers: %w", err)
	}
	if err := disk.Replace(filepath.Join(dir, FileName), text.Bytes()); err != nil {
		return fmt.Errorf("write saved providers: %w", err)
	}
	return nil
}
