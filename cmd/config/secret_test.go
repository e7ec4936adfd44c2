package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestSecretIsMasked(t *testing.T) {
	t.Parallel()
	const hidden = "hunter2-hunter2"
	s := Secret(hidden)
	if s.Reveal() != hidden {
		t.Errorf("Reveal = %q", s.Reveal())
	}
	for verb, want := range map[string]string{
		"%v": mask, "%+v": mask, "%s": mask, "%d": mask, "%x": mask, "%q": `"` + mask + `"`, "%#v": `"` + mask + `"`,
	} {
		if got := fmt.Sprintf(verb, s); got != want {
			t.Errorf("%s prints %s", verb, got)
		}
	}
	if got := s.GoString(); got != `"`+mask+`"` {
		t.Errorf("GoString = %s", got)
	}
	if got := Secret("").String() + fmt.Sprintf("%v", Secret("")); got != "" {
		t.Errorf("an empty secret prints %q", got)
	}
	b, err := json.Marshal(map[string]Secret{"a": s, "b": ""})
	if err != nil || string(b) != `{"a":"********","b":""}` {
		t.Errorf("JSON = %s, %v", b, err)
	}
}

func TestNothingShowsSecrets(t *testing.T) {
	t.Parallel()
	const password, key = "hunter2-password", "sk-hunter2-key"
	c := mustLoad(t, LoadOptions{
		File:    writeFile(t, "smtp: {host: mail.example, from: a@b.example, username: u, password: "+password+"}"),
		Environ: []string{"OPENAI_API_KEY=" + key, "OPENAI_MODEL=visible"},
	})
	if c.SMTP.Password.Reveal() != password || c.Providers["openai"].APIKey.Reveal() != key {
		t.Fatal("the secrets did not arrive")
	}
	var logged bytes.Buffer
	for _, h := range []slog.Handler{slog.NewTextHandler(&logged, nil), slog.NewJSONHandler(&logged, nil)} {
		slog.New(h).Info("loaded", "config", c, "value", *c, "smtp", c.SMTP, "password", c.SMTP.Password, "providers", c.Providers)
	}
	whole, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	origins, err := json.Marshal(c.Origins())
	if err != nil {
		t.Fatal(err)
	}
	for name, out := range map[string]string{
		"%v": fmt.Sprintf("%v", c), "%+v": fmt.Sprintf("%+v", c), "%#v": fmt.Sprintf("%#v", c), "%+v of the value": fmt.Sprintf("%+v", *c),
		"%d": fmt.Sprintf("%d", c.SMTP.Password), "JSON": string(whole), "origins": string(origins), "log": logged.String(),
	} {
		if strings.Contains(out, password) || strings.Contains(out, key) {
			t.Errorf("%s shows a secret: %s", name, out)
		}
		if name != "%d" && !strings.Contains(out, "visible") {
			t.Errorf("%s shows nothing: %s", name, out)
		}
	}
	want := `{"key":"smtp.password","value":"********","layer":"file ` + c.File() + `:1"}`
	if !strings.Contains(string(origins), want) {
		t.Errorf("origins = %s, want %s in it", origins, want)
	}
}

func TestOriginsAreSortedAndOwn(t *testing.T) {
	t.Parallel()
	c := mustLoad(t, LoadOptions{Environ: []string{"OPENAI_API_KEY=k"}})
	origins := c.Origins()
	if want := len(rules) + len(providerRules) - 2; len(origins) != want { // temperature and vision are not set
		t.Errorf("%d origins, want %d", len(origins), want)
	}
	for i := 1; i < len(origins); i++ {
		if origins[i-1].Key >= origins[i].Key {
			t.Errorf("%s before %s", origins[i-1].Key, origins[i].Key)
		}
	}
	origins[0].Value = "changed"
	if c.Origins()[0].Value == "changed" {
		t.Error("a caller can change the origins")
	}
}
