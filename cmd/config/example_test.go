package config

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	koanfyaml "github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/v2"
)

const examplePath = "../../tmates.example.yaml"

func example(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(examplePath)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// withProvider is the example with the first of the commented providers switched on.
func withProvider(t *testing.T) string {
	t.Helper()
	head, block, found := strings.Cut(example(t), "\nproviders: {}\n")
	if !found {
		t.Fatal("the example has no line providers: {}")
	}
	return head + "\nproviders:\n" + regexp.MustCompile(`(?m)^# ?`).ReplaceAllString(block, " ")
}

func TestExampleEqualsDefaults(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	path := writeFile(t, example(t))
	c := mustLoad(t, LoadOptions{File: path, Home: home})
	want := mustLoad(t, LoadOptions{Home: home})
	if diff := cmp.Diff(want, c, sameSettings...); diff != "" {
		t.Errorf("the example changes (-defaults +example):\n%s", diff)
	}
	for _, o := range c.Origins() {
		if o.Key != dataKey && !strings.HasPrefix(o.Layer, "file "+path+":") {
			t.Errorf("%s is missing: it comes from %q", o.Key, o.Layer)
		}
	}
}

// TestExampleKeys reads the example with koanf's own parser, which knows
// nothing of the rules.
func TestExampleKeys(t *testing.T) {
	t.Parallel()
	ko := koanf.New(".")
	if err := ko.Load(file.Provider(writeFile(t, withProvider(t))), koanfyaml.Parser()); err != nil {
		t.Fatal(err)
	}
	want := newSchema().all()
	for _, r := range providerRules {
		want = append(want, providerKey(TypeOpenAI, r.key))
	}
	slices.Sort(want)
	if got := ko.Keys(); !slices.Equal(got, want) {
		t.Errorf("keys %q\nwant %q", got, want)
	}
}

func TestExampleProvider(t *testing.T) {
	t.Parallel()
	c := mustLoad(t, LoadOptions{File: writeFile(t, withProvider(t)), Environ: []string{"TMATES_PROVIDERS_OPENAI_API_KEY=k"}})
	one := 1.0
	see := true
	want := Provider{Type: "openai", BaseURL: "https://api.openai.com/v1", APIKey: "k", Model: "gpt-5-mini", Temperature: &one, Vision: &see}
	if _, p, _ := c.DefaultProvider(); cmp.Diff(want, p) != "" {
		t.Errorf("provider = %+v, want %+v", p, want)
	}
}

// TestExampleSentences wants a comment above every key and section's key.
func TestExampleSentences(t *testing.T) {
	t.Parallel()
	key := regexp.MustCompile(`^ *[a-z_]+:`)
	section := regexp.MustCompile(`^ *[a-z_]+:$`)
	lines := strings.Split(withProvider(t), "\n")
	for i, line := range lines {
		if !key.MatchString(line) || section.MatchString(line) {
			continue
		}
		above := strings.TrimSpace(lines[i-1])
		if !strings.HasPrefix(above, "# ") || !strings.HasSuffix(above, ".") {
			t.Errorf("line %d, %q, has no sentence above it", i+1, line)
		}
	}
}
