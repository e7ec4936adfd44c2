package reading

import (
	"archive/zip"
	"bytes"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

// TestMain makes the test binary the command that reads one PDF file.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "read-pdf" {
		if err := ServePDF(os.Stdin, os.Stdout); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func reader() *Reader { return New(Options{PDF: []string{os.Args[0], "read-pdf"}}) }

// read reads a text from a file of its own.
func read(t *testing.T, r *Reader, mediaType, content string) (string, bool, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	return r.Read(t.Context(), f, mediaType)
}

// docx packs the parts of a Word document, with what stands for a body.
func docx(t *testing.T, name, body string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	part, err := w.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.WriteString(part, body)
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func wordXML(body string) string {
	return `<?xml version="1.0"?><w:document xmlns:w="w" xmlns:mc="mc"><w:body>` + body + `</w:body></w:document>`
}

// pdfOf writes a PDF file around its objects, the first of which is the root.
func pdfOf(objects ...string) string {
	var b strings.Builder
	b.WriteString("%PDF-1.4\n")
	at := make([]int, len(objects))
	for i, o := range objects {
		at[i] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, n := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", n)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, start)
	return b.String()
}

func stream(dict, data string) string {
	return fmt.Sprintf("<<%s/Length %d>>\nstream\n%s\nendstream", dict, len(data), data)
}

func packed(data string) string {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	_, _ = io.WriteString(w, data)
	_ = w.Close()
	return stream("/Filter/FlateDecode", b.String())
}

const pdfFont = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/FirstChar 32/LastChar 126/Encoding/WinAnsiEncoding>>"

// onePagePDF shows the drawing of a single page.
func onePagePDF(contents string) string {
	return pdfOf("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>", contents, pdfFont)
}

func TestRead(t *testing.T) {
	t.Parallel()
	const plain, page = "text/plain", "text/html"
	for _, c := range []struct{ name, mediaType, content, want string }{
		{"text", plain, "one\r\ntwo  \rthree\n\n\n\nfour\x00\x1b[1m", "one\ntwo\nthree\n\nfour[1m"},
		{"empty", plain, "", ""},
		{"UTF-8 with a mark", plain, "\xef\xbb\xbfgrüezi", "grüezi"},
		{"UTF-16 little", "text/csv", "\xff\xfea\x00,\x00\x3d\xd8\x00\xde\n\x00", "a,😀"},
		{"UTF-16 big", plain, "\xfe\xff\x00a\x00\xe4\xd8\x00", "aä\ufffd"},
		{"UTF-16 cut", plain, "\xff\xfea\x00b", "a"},
		{"Latin-1", plain, "gr\xfcezi", "grüezi"},
		{"Windows-1252", plain, "10 \x80 \x93ok\x94", "10 € “ok”"},
		{"json", "application/json", `{"a":[1]}`, `{"a":[1]}`},
		{"html", page, `<!doctype html><title>T</title><style>p{}</style><h1>Head &amp; line</h1><p>one   <b>two</b>
			three<br>four<script>alert("<p>no</p>")</script><table><tr><td>a</td><td>b</td></tr></table><!-- hidden -->&nope;&#x41;`,
			"T\n\nHead & line\n\none two three\nfour\n\na\tb\n\n&nope;A"},
		{"html without end", page, "<p>a<b>b<script>c", "ab"},
		{"html in capitals", page, "<P>a<SCRIPT>b</SCRIPT>c<template><template></template>x</template>d", "acd"},
		{"docx", Word, docx(t, wordBody, wordXML(`<w:p><w:r><w:t>Grüße &amp; </w:t></w:r><w:r><w:t xml:space="preserve">mehr</w:t></w:r></w:p>
			<w:p><w:r><w:instrText>SECRET</w:instrText><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t><w:delText>gone</w:delText></w:r></w:p>
			<w:tbl><w:tr><w:tc><w:p><w:r><w:t>1</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>2</w:t></w:r></w:p></w:tc></w:tr></w:tbl>
			<mc:AlternateContent><mc:Choice><w:t>box</w:t></mc:Choice><mc:Fallback><w:t>box</w:t></mc:Fallback></mc:AlternateContent>`)),
			"Grüße & mehr\na\tb\nc\n1\n\t2\n\nbox"},
		{"pdf", "application/pdf", onePagePDF(stream("", "BT /F1 12 Tf 72 700 Td (Hello) Tj 60 0 Td (World) Tj -60 -20 Td (Second line) Tj ET")),
			"Hello World\nSecond line"},
		{"packed pdf", "application/pdf", onePagePDF(packed("BT /F1 12 Tf 72 700 Td (Hello) Tj ET")), "Hello"},
	} {
		got, cut, err := read(t, reader(), c.mediaType, c.content)
		if err != nil || cut || got != c.want {
			t.Errorf("%s: %q, cut %t, %v; want %q", c.name, got, cut, err, c.want)
		}
	}
}

// What cannot be read is refused with a reason, whatever it wants to make of the
// server.
func TestReadRefuses(t *testing.T) {
	t.Parallel()
	page := "BT /F1 12 Tf 72 700 Td (Hello) Tj ET"
	root, pages := "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>"
	for _, c := range []struct {
		name, mediaType, content string
		want                     error
	}{
		{"a picture", "image/png", "\x89PNG", ErrKind},
		{"no type", "", "words", ErrKind},
		{"too large", "text/plain", strings.Repeat("x", MaxFile+1), ErrLarge},
		{"docx that is none", Word, "PK", ErrBroken},
		{"docx without a body", Word, docx(t, "word/other.xml", "<a/>"), ErrBroken},
		{"docx with broken XML", Word, docx(t, wordBody, `<w:t>a</w:t><`), ErrBroken},
		{"pdf that is none", "application/pdf", "%PDF-1.4", ErrBroken},
		{"pdf of a picture", "application/pdf", onePagePDF(stream("", "")), ErrBroken},
		{"pdf with a table of 2^40 entries", "application/pdf",
			strings.Replace(onePagePDF(stream("", page)), "xref\n0 6", "xref\n1099511627776 6", 1), ErrBroken},
		{"pdf with a table of 10^9 entries", "application/pdf",
			strings.Replace(onePagePDF(stream("", page)), "xref\n0 6", "xref\n1000000000 6", 1), ErrBroken},
		{"pdf whose pages hold themselves", "application/pdf", pdfOf(root, "<</Type/Pages/Kids[2 0 R]/Count 1>>"), ErrBroken},
		{"pdf that refers to itself", "application/pdf", pdfOf(root, pages, "3 0 R"), ErrBroken},
		{"pdf of a million levels", "application/pdf", pdfOf(root, pages, strings.Repeat("[", 1<<20)), ErrBroken},
	} {
		r := reader()
		if strings.Contains(c.name, "hold themselves") {
			r.patience = time.Second // it would never end
		}
		got, _, err := read(t, r, c.mediaType, c.content)
		if !errors.Is(err, c.want) || got != "" {
			t.Errorf("%s: %.50q, %v; want %v", c.name, got, err, c.want)
		}
	}
	if _, _, err := read(t, New(Options{}), "application/pdf", onePagePDF(stream("", page))); !errors.Is(err, ErrKind) {
		t.Errorf("PDF without a command: %v", err)
	}
	if _, _, err := read(t, New(Options{PDF: []string{filepath.Join(t.TempDir(), "nothing")}}), "application/pdf", "x"); err == nil || errors.Is(err, ErrBroken) {
		t.Errorf("PDF with a command that is missing: %v", err)
	}
}

// What grows when it is unpacked ends at the bound, and what nests costs nothing.
func TestBombs(t *testing.T) {
	t.Parallel()
	const deep = 200_000
	long := strings.Repeat("word ", MaxText/5+100)
	for _, c := range []struct {
		name, mediaType, content, want string // want is the beginning
		cut                            bool
	}{
		{"long text", "text/plain", long, "word word", true},
		{"long html", "text/html", "<p>" + long, "word word", true},
		{"long docx", Word, docx(t, wordBody, wordXML("<w:t>"+long+"</w:t>")), "word word", true},
		{"docx that unpacks without end", Word, docx(t, wordBody, wordXML("<w:t>a</w:t>"+strings.Repeat("<w:x>  ", maxUnpacked/7+1))), "a", true},
		{"deep html", "text/html", strings.Repeat("<div><b>", deep) + "a", "a", false},
		{"deep docx", Word, docx(t, wordBody, strings.Repeat("<w:p><w:x>", deep)+"<w:t>a"), "a", false},
		{"docx of entities", Word, docx(t, wordBody, `<!DOCTYPE w [<!ENTITY a "boom"><!ENTITY b "&a;&a;"><!ENTITY x SYSTEM "file:///etc/passwd">]>`+
			wordXML(`<w:t>a&b;&x;&lt;</w:t>`)), "a&b;&x;<", false},
		{"long pdf", "application/pdf", pdfOf("<</Type/Catalog/Pages 2 0 R>>",
			"<</Type/Pages/Kids["+strings.Repeat("3 0 R ", 120)+"]/Count 120>>", "<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
			packed("BT /F1 12 Tf 72 700 Td "+strings.Repeat("(words) Tj ", 4000)+"ET"), pdfFont), "wordswords", true},
	} {
		got, cut, err := read(t, reader(), c.mediaType, c.content)
		if err != nil || cut != c.cut || !strings.HasPrefix(got, c.want) || len(got) > MaxText || !c.cut && got != c.want {
			t.Errorf("%s: %d bytes %.30q, cut %t, %v", c.name, len(got), got, cut, err)
		}
	}
}

// Reading waits for its turn and ends with its context.
func TestReadEnds(t *testing.T) {
	t.Parallel()
	r := reader()
	for range atOnce {
		r.busy <- struct{}{}
	}
	why := errors.New("cancelled")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(onePagePDF(stream("", ""))), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if _, _, err := r.Read(ctx, f, "text/plain"); !errors.Is(err, why) {
		t.Errorf("waiting: %v", err)
	}
	<-r.busy
	if _, _, err := r.Read(ctx, f, "application/pdf"); !errors.Is(err, why) {
		t.Errorf("at work: %v", err)
	}
}

func FuzzText(f *testing.F) {
	for _, s := range []string{"a\r\nb", "\xff\xfea\x00", "\xfe\xff\xd8", "gr\xfc\xdfe", "\xef\xbb\xbf", "<p>a</p>\x00"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		plain := tidy(decode(data))
		out := &limited{}
		page(string(data), out)
		for _, s := range []string{plain, tidy(out.b.String())} {
			odd := func(r rune) bool { return r != '\n' && r != '\t' && unicode.IsControl(r) }
			if !utf8.ValidString(s) || strings.ContainsFunc(s, odd) || strings.Contains(s, "\n\n\n") || len(s) > 3*len(data) {
				t.Errorf("%q", s)
			}
		}
	})
}

func FuzzWord(f *testing.F) {
	f.Add([]byte(wordXML("<w:p><w:t>a</w:t></w:p>")))
	f.Add([]byte(`<!DOCTYPE a [<!ENTITY b "c">]><t>&b;</t><Fallback/></Fallback>`))
	f.Fuzz(func(t *testing.T, data []byte) {
		out := &limited{}
		_ = paragraphs(bytes.NewReader(data), out)
		if out.b.Len() > len(data)+1 {
			t.Errorf("%d bytes made %d", len(data), out.b.Len())
		}
		_ = word(bytes.NewReader(data), int64(len(data)), out)
	})
}
