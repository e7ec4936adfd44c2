package token

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"go.yaml.in/yaml/v3"

	"github.com/tmates/tmates/store/disk"
)

// FileName is the secrets' name inside the data folder.
const FileName = "secrets.yaml"

// minSecret is the least length of a secret in bytes. A generated one is 32
// random bytes written as 43 characters, and those characters are the key, so
// that the file's text can be pasted into another program.
const minSecret = 32

// keyLife is how long the anon and the service key are valid.
const keyLife = 10 // years

// maxSecretsFile bounds what is read, in bytes.
const maxSecretsFile = 256 << 10

// Secrets are the keys of one instance. They are made once and never change
// while the program runs. Printing one prints no secret.
type Secrets struct {
	jwt, code, refresh, view, internal []byte

	anon, service string
}

// secretsFile is the file's form. The comment of a key is written above it.
type secretsFile struct {
	JWT      string `yaml:"jwt_secret"`
	Code     string `yaml:"code_key"`
	Refresh  string `yaml:"refresh_key"`
	View     string `yaml:"view_link_key"`
	Internal string `yaml:"internal_secret"`
	Anon     string `yaml:"anon_key"`
	Service  string `yaml:"service_key"`
	// Providers are the keys of model services that were saved while the program
	// ran, by provider; see [Keyring].
	Providers map[string]string `yaml:"provider_keys,omitempty"`
	Rest      map[string]any    `yaml:",inline"` // what a newer program added stays
}

const secretsHead = `# The secrets of this tmates, made when it first started. Whoever can read this
# file can log in as anybody: keep it private (mode 0600), and keep it together
# with the database when you move or back up the data folder. anon_key is public:
# clients carry it. Everything else stays here.
`

// Load reads the secrets of a data folder and makes them when there are none.
// It refuses a file that others can read and a secret that is too short; the
// error says what to type. now is when a new anon and service key begin.
func Load(dir string, now time.Time) (*Secrets, error) {
	path := filepath.Join(dir, FileName)
	file, err := readSecrets(path)
	if errors.Is(err, fs.ErrNotExist) {
		return create(path, now)
	}
	if err != nil {
		return nil, err
	}
	return file.secrets(path)
}

func readSecrets(path string) (file secretsFile, err error) {
	f, err := os.Open(path)
	if err != nil {
		return file, fmt.Errorf("open secrets: %w", err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return file, fmt.Errorf("stat secrets: %w", err)
	}
	// Windows has no such bits: there the folder of the user's profile protects.
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return file, fmt.Errorf("the secrets can be read by other users of this machine; type: chmod 600 %q", path)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxSecretsFile))
	if err != nil {
		return file, fmt.Errorf("read secrets: %w", err)
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		// The parser's own error may quote the file.
		return file, fmt.Errorf("%s is not valid YAML: restore it from a backup", path)
	}
	return file, nil
}

// write puts the secrets in the place of those there are.
func (f secretsFile) write(path string) error {
	var text bytes.Buffer
	text.WriteString(secretsHead)
	if err := yaml.NewEncoder(&text).Encode(f); err != nil {
		return fmt.Errorf("encode secrets: %w", err)
	}
	if text.Len() > maxSecretsFile {
		return fmt.Errorf("write secrets: %d bytes are more than the %d that are read", text.Len(), maxSecretsFile)
	}
	if err := disk.Replace(path, text.Bytes()); err != nil {
		return fmt.Errorf("write secrets: %w", err)
	}
	return nil
}

// secrets checks the file's texts.
func (f secretsFile) secrets(path string) (*Secrets, error) {
	for _, s := range []struct{ name, value string }{
		{"jwt_secret", f.JWT}, {"code_key", f.Code}, {"refresh_key", f.Refresh}, {"view_link_key", f.View},
		{"internal_secret", f.Internal}, {"anon_key", f.Anon}, {"service_key", f.Service},
	} {
		if len(s.value) < minSecret {
			return nil, fmt.Errorf("%s in %s is shorter than %d bytes: restore the file from a backup, or have new secrets made "+
				"(everybody then logs in again and clients need the new anon key); type: mv %q %q", s.name, path, minSecret, path, path+".old")
		}
	}
	return &Secrets{
		jwt: []byte(f.JWT), code: []byte(f.Code), refresh: []byte(f.Refresh), view: []byte(f.View),
		internal: []byte(f.Internal), anon: f.Anon, service: f.Service,
	}, nil
}

// create makes new secrets. The file appears whole or not at all.
func create(path string, now time.Time) (*Secrets, error) {
	file := secretsFile{JWT: random(), Code: random(), Refresh: random(), View: random(), Internal: random()}
	for role, key := range map[string]*string{roleAnon: &file.Anon, roleService: &file.Service} {
		signed, err := signProjectKey([]byte(file.JWT), role, now)
		if err != nil {
			return nil, err
		}
		*key = signed
	}
	if err := file.write(path); err != nil {
		return nil, err
	}
	return file.secrets(path)
}

func random() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails: the program is stopped instead
	return base64.RawURLEncoding.EncodeToString(b)
}

func signProjectKey(secret []byte, role string, now time.Time) (string, error) {
	signed, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"iss": "supabase", "role": role, "iat": now.Unix(), "exp": now.AddDate(keyLife, 0, 0).Unix(),
	}).SignedString(secret)
	if err != nil {
		return "", fmt.Errorf("sign %s key: %w", role, err)
	}
	return signed, nil
}

// AnonKey returns the public project key: a JWT that grants nothing. It stays
// the same, byte for byte, for the life of the file.
func (s *Secrets) AnonKey() string { return s.anon }

// ServiceKey returns the operator's project key. It is a secret.
func (s *Secrets) ServiceKey() string { return s.service }

// ViewKey returns the key that signs links to files.
func (s *Secrets) ViewKey() []byte { return bytes.Clone(s.view) }

// InternalSecret returns what a command on this machine shows to the running
// server. It is a secret.
func (s *Secrets) InternalSecret() string { return string(s.internal) }

const hidden = "[secrets]"

// Format implements [fmt.Formatter] for every verb.
func (s *Secrets) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// LogValue implements [slog.LogValuer].
func (s *Secrets) LogValue() slog.Value { return slog.StringValue(hidden) }
