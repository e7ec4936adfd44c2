package token_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"go.yaml.in/yaml/v3"

	"github.com/tmates/tmates/server/token"
)

var start = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func load(t testing.TB, dir string) *token.Secrets {
	t.Helper()
	s, err := token.Load(dir, start)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// fileOf reads the texts of the secrets file.
func fileOf(t testing.TB, dir string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, token.FileName))
	if err != nil {
		t.Fatal(err)
	}
	var values map[string]string
	if err := yaml.Unmarshal(text, &values); err != nil {
		t.Fatal(err)
	}
	return values
}

func TestLoad(t *testing.T) {
	t.Parallel()
	t.Run("is made once and stays the same", func(t *testing.T) {
		t.Parallel()
		dir := filepath.Join(t.TempDir(), "new")
		first := load(t, dir)
		text, _ := os.ReadFile(filepath.Join(dir, token.FileName))
		again, err := token.Load(dir, start.AddDate(1, 0, 0))
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(first, again) {
			t.Error("the secrets changed between two loads")
		}
		if later, _ := os.ReadFile(filepath.Join(dir, token.FileName)); !bytes.Equal(text, later) {
			t.Error("the file changed between two loads")
		}
		entries, _ := os.ReadDir(dir)
		if len(entries) != 1 {
			t.Errorf("the folder holds %d files, want only the secrets", len(entries))
		}
	})
	t.Run("is private", func(t *testing.T) {
		t.Parallel()
		if runtime.GOOS == "windows" {
			t.Skip("no mode bits")
		}
		dir := t.TempDir()
		load(t, dir)
		path := filepath.Join(dir, token.FileName)
		info, _ := os.Stat(path)
		if info.Mode().Perm() != 0o600 {
			t.Errorf("mode is %v, want 0600", info.Mode().Perm())
		}
		for _, mode := range []os.FileMode{0o640, 0o604, 0o644} {
			if err := os.Chmod(path, mode); err != nil {
				t.Fatal(err)
			}
			_, err := token.Load(dir, start)
			if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("chmod 600 %q", path)) {
				t.Errorf("mode %v: error %v, want the command to type", mode, err)
			}
		}
	})
	t.Run("refuses short and missing secrets", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		load(t, dir)
		whole := fileOf(t, dir)
		for name := range whole {
			for _, value := range []string{"", strings.Repeat("x", 31)} {
				broken := map[string]string{}
				for k, v := range whole {
					broken[k] = v
				}
				broken[name] = value
				text, _ := yaml.Marshal(broken)
				if err := os.WriteFile(filepath.Join(dir, token.FileName), text, 0o600); err != nil {
					t.Fatal(err)
				}
				_, err := token.Load(dir, start)
				if err == nil || !strings.Contains(err.Error(), name+" in ") || !strings.Contains(err.Error(), "32 bytes") {
					t.Errorf("%s = %q: error %v", name, value, err)
				}
			}
		}
	})
	t.Run("does not quote a broken file", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, token.FileName), []byte("jwt_secret: [hunter2"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := token.Load(dir, start); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("error is %v", err)
		}
	})
}

func TestProjectKeys(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := load(t, dir)
	for role, raw := range map[string]string{"anon": s.AnonKey(), "service_role": s.ServiceKey()} {
		claims := jwt.MapClaims{}
		if _, err := jwt.ParseWithClaims(raw, claims, func(*jwt.Token) (any, error) { return []byte(fileOf(t, dir)["jwt_secret"]), nil }); err != nil {
			t.Fatalf("%s key: %v", role, err)
		}
		want := jwt.MapClaims{"iss": "supabase", "role": role, "iat": float64(start.Unix()), "exp": float64(start.AddDate(10, 0, 0).Unix())}
		if !reflect.DeepEqual(claims, want) {
			t.Errorf("%s key claims %v, want %v", role, claims, want)
		}
	}
}

func TestSecretsAreNotPrinted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := load(t, dir)
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&out, verb+"\n", s)
		fmt.Fprintf(&out, verb+"\n", struct{ Secrets *token.Secrets }{s})
	}
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "secrets", s)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "secrets", s)
	for name, value := range fileOf(t, dir) {
		if strings.Contains(out.String(), value) || strings.Contains(out.String(), fmt.Sprintf("%x", value)) {
			t.Errorf("%s was printed", name)
		}
	}
}
