package tmates_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/tmates/tmates/store/tmates"
)

func TestSlug(t *testing.T) {
	t.Parallel()
	tests := []struct{ title, want string }{
		{"Hello, World! Ünïcode & more", "hello-world-n-code-more"}, // the contract's vector
		{"Weekly numbers", "weekly-numbers"},
		{"  --A--  ", "a"},
		{"", "post"},
		{"¡日本!", "post"},
		{strings.Repeat("a", 64), strings.Repeat("a", 64)},
		{strings.Repeat("a", 65), strings.Repeat("a", 64)},
		{strings.Repeat("a", 63) + " b", strings.Repeat("a", 63)}, // Q-P5
		{strings.Repeat("a", 62) + " bc", strings.Repeat("a", 62) + "-b"},
		{strings.Repeat("- ", 500) + "x" + strings.Repeat(" -", 500), "x"},
	}
	for _, test := range tests {
		if got := tmates.Slug(test.title); got != test.want {
			t.Errorf("Slug(%q) = %q, want %q", test.title, got, test.want)
		}
	}
	if got := tmates.SlugWithSuffix(strings.Repeat("a", 64), "0f3a9c"); got != strings.Repeat("a", 64)+"-0f3a9c" {
		t.Errorf("slug with suffix = %q", got)
	}
}

func TestPriority(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{
		"low": "low", "normal": "normal", "high": "high", "urgent": "urgent", " High ": "high",
		"": "normal", "1": "normal", "higher": "normal",
	} {
		if got := tmates.Priority(word); got != want {
			t.Errorf("Priority(%q) = %q, want %q", word, got, want)
		}
	}
}

func TestNormalizeLinks(t *testing.T) {
	t.Parallel()
	in := []map[string]any{
		{"url": "https://a", "label": nil, "type": "pdf"},
		{},
		nil,
		{"label": "no url"},
		{"url": nil},
		{"url": "  "},
		{"url": 5.0},
		{"url": "/b", "title": "B", "extra": []any{1.0}},
	}
	want := []map[string]any{
		{"url": "https://a", "type": "pdf"},
		{"url": "/b", "title": "B"},
	}
	if diff := cmp.Diff(want, tmates.NormalizeLinks(in)); diff != "" {
		t.Errorf("links (-want +got):\n%s", diff)
	}
	if _, kept := in[0]["label"]; !kept {
		t.Error("the argument was changed")
	}
	if got := tmates.NormalizeLinks(nil); got == nil || len(got) != 0 {
		t.Errorf("no links = %#v, want an empty list", got)
	}
}

func TestExcerptLength(t *testing.T) {
	t.Parallel()
	words := func(n int) string { return strings.TrimSpace(strings.Repeat("four ", n)) } // 5n-1 code points
	tests := map[string]struct{ given, markdown, want string }{
		"empty":              {"", "", ""},
		"given":              {"A  summary\n", "# Other", "A summary"},
		"given keeps marks":  {"**5** of 7", "", "**5** of 7"},
		"blank given":        {" \n", "text", "text"},
		"given is too long":  {words(60), "", words(56) + "…"},
		"exactly 280":        {"", "é" + words(56), "é" + words(56)},
		"281":                {"", "éé" + words(56), "éé" + words(55) + "…"},
		"word ends at 279":   {"", words(56) + " more", words(56) + "…"},
		"word ends at 280":   {"", "é" + words(56) + " more", "é" + words(55) + "…"},
		"collapsed first":    {"", strings.Repeat(" \n\t ", 300) + "a", "a"},
		"no word fits":       {"", strings.Repeat("x", 281), "…"},
		"280 without a gap":  {"", strings.Repeat("x", 280), strings.Repeat("x", 280)},
		"hyphen ends a word": {"", "well-" + strings.Repeat("x", 300), "well-…"},
		"date is one word":   {"", "on 2026-" + strings.Repeat("1", 300), "on…"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := tmates.Excerpt(test.given, test.markdown); got != test.want {
				t.Errorf("excerpt = %q\n   want %q", got, test.want)
			}
		})
	}
}

func TestExcerptStripsMarkdown(t *testing.T) {
	t.Parallel()
	tests := []struct{ markdown, want string }{
		{"# Hi\n\nSome **body**", "Hi Some body"}, // Q-P6
		{"Title\n=====\n\nText\n----\n", "Title Text"},
		{"## Closed ##\ntext", "Closed text"},
		{"#hashtag and C# stay", "#hashtag and C# stay"},
		{"* one\n+ two\n- [x] three\n1. four", "one two three 1. four"},
		{"> quote\n> > - # deep", "quote deep"},
		{"a\n\n---\n\n***\n\nb", "a b"},
		{"| a | b |\n|---|:-:|\n| 1 | 2 |", "a b 1 2"},
		{"a | b stays", "a | b stays"},
		{"```go\nx := a * b\n# no heading\n```\nend", "x := a * b # no heading end"},
		{"~~~\n```\n~~~\nend", "``` end"},
		{"[text](http://x/(a)_b \"title\") and ![alt](i.png)", "text and alt"},
		{"[![alt](i)](l) [open [x](y)", "alt [open x"},
		{"*a* _b_ **c** __d__ ***e*** ~~f~~ `g*h`", "a b c d e f g*h"},
		{"2 * 3, 2*3, snake_case, ~5, a ** b", "2 * 3, 2*3, snake_case, ~5, a ** b"},
		{`\*not bold\* C:\dir`, `*not bold* C:\dir`},
	}
	for _, test := range tests {
		if got := tmates.Excerpt("", test.markdown); got != test.want {
			t.Errorf("excerpt of %q = %q, want %q", test.markdown, got, test.want)
		}
	}
}

// 64 KiB of every shape that makes a careless pattern explode.
// Quadratic work would take many times the limit.
func TestExcerptIsLinear(t *testing.T) {
	t.Parallel()
	start := time.Now()
	for _, piece := range []string{"[", "[a](", "[a](b \"", "![", "> ", "# ", "- ", "(", "\\", "*", "_a", "`", " #"} {
		text := strings.Repeat(piece, 1<<16/len(piece))
		if got := tmates.Excerpt("", text); utf8.RuneCountInString(got) > tmates.ExcerptRunes {
			t.Errorf("excerpt of many %q has %d code points", piece, utf8.RuneCountInString(got))
		}
		if spent := time.Since(start); spent > 10*time.Second {
			t.Fatalf("%v after %q", spent, piece)
		}
	}
}

func FuzzExcerpt(f *testing.F) {
	f.Add("", "# Hi\n\nSome **body** with [a link](http://x) and `code`")
	f.Add("given", "")
	f.Add(strings.Repeat("wörd-", 100), "x")
	f.Add("", strings.Repeat("> - ", 90)+"```\n~~~\n\\")
	f.Fuzz(func(t *testing.T, given, markdown string) {
		got := tmates.Excerpt(given, markdown)
		if n := utf8.RuneCountInString(got); n > 280 {
			t.Errorf("%d code points", n)
		}
		if utf8.ValidString(given) && utf8.ValidString(markdown) && !utf8.ValidString(got) {
			t.Errorf("invalid UTF-8: %q", got)
		}
		if got != strings.Join(strings.Fields(got), " ") {
			t.Errorf("white space is not collapsed: %q", got)
		}
		slug := tmates.Slug(given)
		if slug != tmates.Slug(slug) || slug == "" || len(slug) > 64 || strings.Trim(slug, "-") != slug {
			t.Errorf("slug of %q = %q", given, slug)
		}
	})
}
