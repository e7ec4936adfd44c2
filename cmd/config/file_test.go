package config

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFileProblems(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, file, want string }{
		{"misspelt key", "auth:\n  code_tll: 5m", "FILE:2: unknown key auth.code_tll; did you mean auth.code_ttl?"},
		{"misspelt section", "ath:\n  code_ttl: 5m", "FILE:1: unknown key ath; did you mean auth?"},
		{"misspelt top key", "\nlistn: a:1", "FILE:2: unknown key listn; did you mean listen?"},
		{"wrong section", "turn:\n  workers: 2", "FILE:2: unknown key turn.workers; did you mean queue.workers?"},
		{"no section", "workers: 2", "FILE:1: unknown key workers; did you mean queue.workers?"},
		{"too deep", "auth: {listen: a}", "FILE:1: unknown key auth.listen; did you mean listen?"},
		{"dotted", "auth.code_ttl: 5m", `FILE:1: unknown key auth.code_ttl; write "code_ttl" below "auth"`},
		{"nothing near", "auth: {frobnicate: 1}", "FILE:1: unknown key auth.frobnicate; tmates.example.yaml lists all"},
		{"long key", strings.Repeat("k", 100) + ": 1", `FILE:1: unknown key "` + strings.Repeat("k", 60) + `…"; tmates.example.yaml lists all`},
		{"misspelt provider key", "providers: {pi: {base_ur: x}}", "FILE:1: unknown key providers.pi.base_ur; did you mean providers.pi.base_url?"},
		{"provider's name", "providers: {my-pi: {model: x}}", `FILE:1: "my-pi" must be a provider's name: a lower-case letter, then at most 31 of a-z, 0-9 and _`},
		{"merge key", "<<: {listen: a}", "FILE:1: unknown key <<; tmates.example.yaml lists all"},
		{"key twice", "listen: a:1\nlog: {level: warn}\nlisten: b:2", "FILE:3: listen stands here and in line 1"},
		{"nested key twice", "log:\n  level: warn\n  level: info", "FILE:3: log.level stands here and in line 2"},
		{"wrong type", "auth:\n\n  code_digits: six", `FILE:3: auth.code_digits must be a whole number between 6 and 10, not "six"`},
		{"out of bounds", "auth:\n  code_ttl: 20m", `FILE:2: auth.code_ttl must be between 1m and 10m, not "20m"`},
		{"section for value", "listen: {a: 1}", "FILE:1: listen must be one value, not a section"},
		{"list for value", "listen: [a]", "FILE:1: listen must be one value, not a list"},
		{"value for list", "cors_origins: https://a.example", "FILE:1: cors_origins must be a list, as in [a, b], not a single value"},
		{"value for section", "auth: 5", "FILE:1: auth must be keys with values, not a single value"},
		{"list for section", "auth: [5]", "FILE:1: auth must be keys with values, not a list"},
		{"list for file", "- a", "FILE:1: the file must be keys with values, not a list"},
		{"list entry", "cors_origins:\n  - [a]", "FILE:2: cors_origins must be one value, not a list"},
		{"bad list entry", "cors_origins:\n  - a", "FILE:2: cors_origins entries must be origins, as in https://app.example.com"},
		{"no value", "listen:", `FILE:1: listen has no value: write "" for an empty one, or take the line out`},
		{"tilde", "data: ~", `FILE:1: data has no value: write "" for an empty one, or take the line out`},
		{"alias", "log: {level: &a warn}\nlisten: *a", "FILE:2: listen must not be an alias; a value that starts with * needs quotes"},
		{"unknown alias", "smtp: {password: *hunter2}", "FILE: a value that starts with * needs quotes"},
		{"tag", "smtp: {password: !hunter2 x}", "FILE:1: smtp.password must not have a tag; a value that starts with ! needs quotes"},
		{"key that is no text", "[a]: 1", "FILE:1: a key must be text, not a list"},
		{"two documents", "listen: a:1\n---\nlisten: b:2", "FILE:2: must be one document: take out the line ---"},
		{"syntax", "listen: a:1\nlog: b: c", "FILE: is not YAML: near line 2: mapping values are not allowed in this context"},
		{"syntax in the first line", "a: b: c", "FILE: is not YAML: mapping values are not allowed in this context"},
		{"syntax in a second document", "listen: a:1\n---\na: b: c", "FILE: is not YAML: near line 3: mapping values are not allowed in this context"},
		{"provider type", "providers:\n  pi:\n    type: azur", `FILE:3: providers.pi.type must be openai or azure or ollama or anthropic or replay, not "azur"`},
		{"credentials are not repeated", "public_url: https://u:hunter2@a.example", "FILE:1: public_url must not contain a user name or password"},
		{"secrets are not repeated", "smtp: {password: \"hunter2\\n\"}", "FILE:1: smtp.password must not contain line breaks or control characters"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			path := writeFile(t, tc.file)
			if got, want := loadError(t, LoadOptions{File: path}), strings.Replace(tc.want, "FILE", path, 1); got != want {
				t.Errorf("error = %q\nwant    %q", got, want)
			}
		})
	}
}

func TestFileValues(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, file, key, want string }{
		{"empty", "", "listen", "127.0.0.1:8000"},
		{"only comments", "# nothing\n", "listen", "127.0.0.1:8000"},
		{"only a marker", "---\n", "listen", "127.0.0.1:8000"},
		{"empty section", "auth:\nlisten: a:1", "listen", "a:1"},
		{"number as text", "smtp:\n  username: 007", "smtp.username", "007"},
		{"date as text", "smtp:\n  username: 2026-01-02", "smtp.username", "2026-01-02"},
		{"quoted star", `smtp: {username: "*a"}`, "smtp.username", "*a"},
		{"percent", `smtp: {username: "%s%d"}`, "smtp.username", "%s%d"},
		{"list", "tmates:\n  installed:\n    - ada\n    - bob", "tmates.installed", "ada, bob"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := mustLoad(t, LoadOptions{File: writeFile(t, tc.file)})
			if got := originOf(t, c, tc.key).Value; got != tc.want {
				t.Errorf("%s = %q, want %q", tc.key, got, tc.want)
			}
		})
	}
	t.Run("digits of a password", func(t *testing.T) {
		t.Parallel()
		c := mustLoad(t, LoadOptions{File: writeFile(t, "smtp: {password: 0123}")})
		if got := c.SMTP.Password.Reveal(); got != "0123" {
			t.Errorf("password = %q", got)
		}
	})
}

func TestFileSize(t *testing.T) {
	t.Parallel()
	pad := func(n int) string { return "listen: a:1\n#" + strings.Repeat("x", n-len("listen: a:1\n#")) }
	if c := mustLoad(t, LoadOptions{File: writeFile(t, pad(1<<20))}); c.Listen != "a:1" {
		t.Errorf("listen = %q", c.Listen)
	}
	path := writeFile(t, pad(1<<20+1))
	if got, want := loadError(t, LoadOptions{File: path}), path+": must have at most 1 MiB, not 1048577 bytes"; got != want {
		t.Errorf("error = %q, want %q", got, want)
	}
}

func TestTooManyProviders(t *testing.T) {
	t.Parallel()
	file := func(n int) string {
		var b strings.Builder
		b.WriteString("provider: p0\nproviders:\n")
		for i := range n {
			fmt.Fprintf(&b, "  p%d: {base_url: 'http://a', model: m}\n", i)
		}
		return b.String()
	}
	if c := mustLoad(t, LoadOptions{File: writeFile(t, file(32))}); len(c.Providers) != 32 {
		t.Errorf("%d providers", len(c.Providers))
	}
	if got, want := loadError(t, LoadOptions{File: writeFile(t, file(33))}), "providers must be at most 32, not 33"; got != want {
		t.Errorf("error = %q, want %q", got, want)
	}
}

// FuzzFile loads whatever bytes a file may hold. What is accepted must be
// within bounds and mask its secrets.
func FuzzFile(f *testing.F) {
	if b, err := os.ReadFile(examplePath); err == nil {
		f.Add(b)
	}
	for _, seed := range []string{
		"", "{}", "---\n---\n", "listen: *a", "a: &a [*a]", "? [a]\n: b", "auth: {code_ttl: 1h}", "auth:\n  code_ttl: 90s\n",
		"providers: {pi: {base_url: 'http://pi', model: m, api_key: hunter2, temperature: .nan}}", "smtp: {password: 0x1F}",
		"<<: {a: b}", "!!binary x: y", "\xff\xfe\x00", "auth: {? {a: b} : c}", "providers: {pi: }", "queue: {workers: 1e400}", "%YAML 9.9\n---\n",
		"cors_origins: ['*', https://a]", "trusted_proxies: [::1%a, 1.2.3.4/99]", "tmates: {installed: [[], {}, null]}",
	} {
		f.Add([]byte(seed))
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, b []byte) {
		path := filepath.Join(dir, fileName)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := Load(LoadOptions{File: path, Home: "/home/ada"})
		if err != nil {
			if c != nil {
				t.Error("a Config besides an error")
			}
			return
		}
		if w := c.Queue.Workers; w < 1 || w > 256 {
			t.Errorf("queue.workers = %d", w)
		}
		for name, p := range c.Providers {
			if p.Temperature != nil && (math.IsNaN(*p.Temperature) || *p.Temperature < 0 || *p.Temperature > 2) {
				t.Errorf("temperature of %s = %v", name, *p.Temperature)
			}
		}
		for _, o := range c.Origins() {
			secretKey := o.Key == "smtp.password" || strings.HasSuffix(o.Key, ".api_key")
			if secretKey && o.Value != "" && o.Value != mask {
				t.Errorf("%s is shown", o.Key)
			}
		}
	})
}
