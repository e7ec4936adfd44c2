package tmates_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/tmates/tmates/store/tmates"
)

// link is the uri of the attachments below.
const link = "http://h/v1/files/download/a.png"

var (
	one      = []tmates.Attachment{{URI: link}}
	relative = []tmates.Attachment{{URI: "u", RelativePath: "a.png"}}
	two      = []tmates.Attachment{{URI: link}, {URI: "/v1/files/download/b c.pdf", RelativePath: "b c.pdf", DownloadURL: "/v1/files/download/b%20c.pdf"}}
)

type replyCase struct {
	name, in    string
	attachments []tmates.Attachment
	want        string
}

func checkReplies(t *testing.T, tests []replyCase) {
	t.Helper()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := tmates.CleanReply(test.in, test.attachments); got != test.want {
				t.Errorf("CleanReply(%q) = %q, want %q", test.in, got, test.want)
			}
		})
	}
}

// The rows of the contract, and what it leaves open.
func TestCleanReply(t *testing.T) {
	t.Parallel()
	checkReplies(t, []replyCase{
		{"link at the end", "Here you are: " + link, one, "Here you are"},
		{"link inside", "See " + link + " now", one, "See now"},
		{"call to action", "Done. Download here", one, "Done."},
		{"call after a dash", "Chart ready - view", one, "Chart ready"},
		{"only a link", link, one, "One file is attached."},
		{"relative form before a comma", "see /files/download/a.png, ok", relative, "see, ok"},
		{"tail of a word", "Look at the overview", one, "Look at the overview"}, // Q-C20

		{"no attachments", "See  " + link + " - view", nil, "See  " + link + " - view"},
		{"no text", "", one, ""},
		{"blank text", " \n", one, "One file is attached."},
		{"only links", link + "\n" + "/v1/files/download/b%20c.pdf", two, "Several files are attached."},
		{"only a phrase", "View attachments.", two, "Several files are attached."},
		{"two phrases", "Download: view", one, "One file is attached."},
		{"only punctuation left", "(" + link + ").", one, "One file is attached."},
		{"an emoji is left", "🎉 " + link, one, "🎉"},
	})
}

// Q-C20: nothing is mangled, no Markdown link stays empty.
func TestCleanReplyMarkdown(t *testing.T) {
	t.Parallel()
	checkReplies(t, []replyCase{
		{"short uri", "You must use u as a unit", relative, "You must use u as a unit"},
		{"word as uri", "chart is a chart", []tmates.Attachment{{URI: "chart"}}, "chart is a chart"},
		{"Markdown link", "Here: [chart](" + link + ")", one, "Here"},
		{"Markdown link inside", "See [the chart](" + link + ") now", one, "See now"},
		{"Markdown link with a title", `See [chart](` + link + ` "My chart") now`, one, "See now"},
		{"Markdown link in angles", "See [chart](<" + link + ">) now", one, "See now"},
		{"label with brackets", "See [a [b] c](" + link + ") now", one, "See now"},
		{"link that is its own label", "See [" + link + "](" + link + ") now", one, "See now"},
		{"picture", "Done:\n\n![chart](" + link + ")\n\nBye", one, "Done\n\nBye"},
		{"picture inside a link", "Done [![chart](" + link + ")](" + link + ")", one, "Done"},
		{"somebody else's Markdown link", "See [chart](http://x/c) now", one, "See [chart](http://x/c) now"},
		{"empty link of the author", "See []() now", one, "See []() now"},
		{"no label", "f](" + link + ")", one, "f](" + ")"},
	})
}

func TestCleanReplyWholeWordsQC20(t *testing.T) {
	t.Parallel()
	checkReplies(t, []replyCase{
		{"longer link", "See " + link + ".bak", one, "See " + link + ".bak"},
		{"link with a query", "See " + link + "?x=1", one, "See " + link + "?x=1"},
		{"deeper link", "See " + link + "/x", one, "See " + link + "/x"},
		{"tail of another link", "See http://other/files/download/a.png", relative, "See http://other/files/download/a.png"},
		{"question", "Did you see " + link + "?", one, "Did you see?"},
		{"tail of a link", "See http://x/view", one, "See http://x/view"},
		{"compound", "Please re-download", one, "Please re-download"},
		{"not ASCII before", "ünïview", one, "ünïview"},
	})
}

func TestCleanReplySurroundings(t *testing.T) {
	t.Parallel()
	checkReplies(t, []replyCase{
		{"angles", "See <" + link + "> now", one, "See now"},
		{"parentheses", "The chart (" + link + ") is done", one, "The chart is done"},
		{"code", "See `" + link + "` now", one, "See now"},
		{"bold", "See **" + link + "** now", one, "See now"},
		{"never one word", "See (" + link + ")now", one, "See now"},
		{"list", "Files:\n- " + link + "\n- /v1/files/download/b%20c.pdf", two, "Files:"},
		{"unencoded", "Take /api/v1/files/download/b c.pdf please", two, "Take please"},
		{"encoded", "Take /api/v1/files/download/b%20c.pdf please", two, "Take please"},
		{"colon without a blank", "Here:" + link, one, "Here"},
		{"twice", link + " and " + link, one, "and"},
		{"download_url", "At https://h/x", []tmates.Attachment{{URI: "u", DownloadURL: "https://h/x"}}, "At"},

		{"blanks and tabs", " a \t b\n  c ", one, "a b\n c"},
		{"only the last phrase", "Download here. Then view", one, "Download here. Then"},
		{"any case", "Ready: VIEW ATTACHMENT.", one, "Ready"},
		{"dash without a blank before", "Ready- view", one, "Ready"},
		{"colon glued", "Ready:view", one, "Ready"},
		{"phrase inside", "View attachments below", one, "View attachments below"},
	})
}

// Every shape that makes a careless pattern explode, 64 KiB of each. Quadratic work would take many times the limit.
func TestCleanReplyIsLinear(t *testing.T) {
	t.Parallel()
	const short = "/files/download/a"
	attachments := []tmates.Attachment{{URI: "u", RelativePath: "a"}, {URI: "u", RelativePath: "aa"}}
	start := time.Now()
	for _, piece := range []string{short, short + " ", "[", "[x](" + short + " \"", "](" + short + ")", "- : ", " ", "((" + short + "))", "view "} {
		text := strings.Repeat(piece, 1<<16/len(piece))
		if got := tmates.CleanReply(text, attachments); len(got) > len(text) {
			t.Errorf("%d bytes of %q grew to %d", len(text), piece, len(got))
		}
		if spent := time.Since(start); spent > 10*time.Second {
			t.Fatalf("%v after %q", spent, piece)
		}
	}
}

func FuzzCleanReply(f *testing.F) {
	f.Add("Here you are: http://h/v1/files/download/a.png", "http://h/v1/files/download/a.png", "a.png")
	f.Add("see /files/download/a b.png, ok - view", "u", "a b.png")
	f.Add("[![x](/files/download/ü)](/files/download/%C3%BC \"t\") Download here.", "/files/download/ü", "ü")
	f.Add("re-download: VIEW", "://", "/")
	f.Fuzz(func(t *testing.T, text, uri, path string) {
		attachments := []tmates.Attachment{{URI: uri, RelativePath: path}}
		got := tmates.CleanReply(text, attachments)
		if text != "" && got == "" {
			t.Errorf("nothing is left of %q", text)
		}
		if len(got) > max(len(text), len("One file is attached.")) {
			t.Errorf("%q grew to %q", text, got)
		}
		if valid := utf8.ValidString(text) && utf8.ValidString(uri) && utf8.ValidString(path); valid && !utf8.ValidString(got) {
			t.Errorf("%q became invalid: %q", text, got)
		}
		if same := tmates.CleanReply(text, nil); same != text {
			t.Errorf("changed without attachments: %q", same)
		}
	})
}
