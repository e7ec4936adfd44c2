package team

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/tmates/tmates/store/tmates"
)

func TestMediaTypeQF1(t *testing.T) {
	t.Parallel()
	zip := func(entry string) string { return "PK\x03\x04" + strings.Repeat("\x00", 26) + entry }
	const ole = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
	for _, c := range []struct{ name, head, want, words string }{ // words: the categories that allow it
		{"a.png", "\x89PNG\r\n\x1a\n", "image/png", "images"},
		{"a.txt", "\x89PNG\r\n\x1a\n", "image/png", "images"},
		{"a.jpg", "\xff\xd8\xff", "image/jpeg", "images"},
		{"a.gif", "GIF89a", "image/gif", "images"},
		{"a", "RIFF....WEBPVP8 ", "image/webp", "images"},
		{"a.heic", "\x00\x00\x00\x18ftypheic\x00\x00\x00\x00", "image/heic", "images"},
		{"a", "\x00\x00\x00\x18ftypavif\x00\x00\x00\x00", "image/avif", "images"},
		{"a.tif", "II*\x00", "image/tiff", "images"},
		{"a.png", "words", "text/plain", "text"},
		{"a.png", "<!DOCTYPE html>", "text/html", "text"},
		{"a.html", "words", "text/html", "text"},
		{"a.png", `<?xml version="1.0"?><svg>`, "image/svg+xml", "text"},
		{"a.svg", "<svg/>", "image/svg+xml", "text"},
		{"a.svg", "words", "text/plain", "text"},
		{"a.CSV", "a,b", "text/csv", "text csv"},
		{"a.tsv", "a\tb", "text/tab-separated-values", "text csv"},
		{"a.json", "\xef\xbb\xbf {}", "application/json", "json"},
		{"a.json", "words", "text/plain", "text"}, // t and f begin literals, w begins none
		{"a.md", "# Hi", "text/markdown", "text"},
		{"a.js", "alert(1)", "text/plain", "text"},
		{"a.sh", "#!/bin/sh", "text/plain", "text"},
		{"a.csv", "a\x00b", "application/octet-stream", ""},
		{"a.pdf", "%PDF-1.7", "application/pdf", "pdf"},
		{"a.pdf", "PDF", "text/plain", "text"},
		{"a.docx", zip("[Content_Types].xml"), zippedOffice[".docx"], "office"},
		{"a.XLSX", zip("xl/workbook.xml"), zippedOffice[".xlsx"], "office"},
		{"a.pptx", zip("ppt/x"), zippedOffice[".pptx"], "office"},
		{"a.docx", zip("virus.exe"), "application/zip", ""},
		{"a.zip", zip("word/x"), "application/zip", ""},
		{"a.docx", "PK\x03\x04", "application/zip", ""},
		{"a.odt", zip("mimetypeapplication/vnd.oasis.opendocument.text"), openOffice[0], "office"},
		{"a", zip("mimetypeapplication/vnd.oasis.opendocument.spreadsheet"), openOffice[1], "office"},
		{"a.doc", ole, "application/msword", "office"},
		{"a.msi", ole, "application/octet-stream", ""},
		{"a.rtf", `{\rtf1`, "application/rtf", "office"},
		{"a.rtf", "words", "text/plain", "text"},
		{"a.png", "\x7fELF\x02\x01", "application/octet-stream", ""},
		{"a.mp3", "ID3", "audio/mpeg", ""},
	} {
		got := mediaType(c.name, []byte(c.head))
		if got != c.want {
			t.Errorf("%s of %q: %s, want %s", c.name, c.head, got, c.want)
		}
		var words []string
		for _, word := range []string{"images", "text", "pdf", "csv", "json", "office"} {
			if allowed([]string{word}, got) {
				words = append(words, word)
			}
		}
		if strings.Join(words, " ") != c.words {
			t.Errorf("%s is allowed by %v, want %s", got, words, c.words)
		}
	}
	for word, want := range map[string]bool{"audio/mpeg": true, "audio/*": true, "*/*": true, "audio/mp": false, "video/*": false, "audio": false} {
		if allowed([]string{"pdf", word}, "audio/mpeg") != want {
			t.Errorf("%s: %t", word, !want)
		}
	}
	if allowed(nil, "text/plain") {
		t.Error("an empty list allows something")
	}
}

func TestServedType(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ path, found, want string }{
		{"sub/a.JPG", "text/html", "image/jpeg"}, {"a.jpeg", "", "image/jpeg"}, {"a.svg", "", "image/svg+xml"}, {"a.csv", "text/plain", "text/csv"},
		{"a", "image/png", "image/png"}, {"a", "", "application/octet-stream"}, {"a.unheard-of", "text/markdown", "text/markdown"},
		{"sub.png/a", "", "application/octet-stream"}, {"a.html", "", "text/html"},
	} {
		if got := servedType(c.path, c.found); got != c.want {
			t.Errorf("%s found to be %q: %s, want %s", c.path, c.found, got, c.want)
		}
	}
}

func TestNamesOfUploadsQF6(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ü", 300)
	for _, c := range []struct{ in, shown, ext string }{
		{"x.tar.gz", "x.tar.gz", ".gz"}, {"X.PNG", "X.PNG", ".PNG"}, {".png", ".png", ""}, {"..png", "..png", ""}, {"noext", "noext", ""}, {"a.", "a.", ""},
		{"", "", ""}, {"../../etc/a.txt", "a.txt", ".txt"}, {`C:\Users\a b.md`, "a b.md", ".md"}, {"a/", "", ""}, {"a.b/c", "c", ""},
		{"a\r\n.t\x00xt", "a.txt", ".txt"}, {"a\u202egnp.txt", "agnp.txt", ".txt"}, {"a\xff.txt", "a�.txt", ".txt"}, {"a.x y", "a.x y", ""},
		{"a.日本", "a.日本", ".日本"}, {"a." + strings.Repeat("e", 33), "a." + strings.Repeat("e", 33), ""}, {long + ".md", long[:2*252] + ".md", ".md"},
	} {
		if got := displayName(c.in); got != c.shown {
			t.Errorf("%q is shown as %q, want %q", c.in, got, c.shown)
		}
		if got := extension(c.shown); got != c.ext {
			t.Errorf("%q ends in %q, want %q", c.shown, got, c.ext)
		}
	}
	if a, b := randomName("a.txt"), randomName("a.txt"); len(a) != 36 || a == b {
		t.Errorf("stored as %s and %s", a, b)
	}
	for n, want := range map[int]string{1: "a.tar.gz", 2: "a.tar-2.gz"} {
		if got := version("a.tar.gz", n); got != want {
			t.Errorf("version %d is %s", n, got)
		}
	}
}

// FuzzUploadName takes whatever a stranger calls a file. What is shown is one
// line of text without folders, and what is stored is a plain path.
func FuzzUploadName(f *testing.F) {
	for _, seed := range []string{"a.png", "../../x.tar.gz", `C:\a b.md`, "a\x00.t\nxt", "\xff.\xff", ".", "..", "a." + strings.Repeat("e", 99), "日本.日本"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		shown := displayName(name)
		if !utf8.ValidString(shown) || utf8.RuneCountInString(shown) > maxFileName || strings.ContainsAny(shown, "/\\\r\n\x00") {
			t.Errorf("%q is shown as %q", name, shown)
		}
		stored := randomName(shown)
		if !tmates.ValidFilePath(stored) || len(stored) > 32+1+32 || strings.ContainsAny(stored, "/ :\"") || !strings.HasSuffix(shown, stored[32:]) {
			t.Errorf("%q is stored as %q", name, stored)
		}
	})
}
