package reading

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode"

	"github.com/tmates/tmates/store/tmates"
)

// Bounds of reading one file.
const (
	MaxFile     = 20 << 20 // bytes of the file
	MaxText     = 2 << 20  // bytes of the text; what is more is left out
	maxUnpacked = 16 << 20 // bytes unpacked of an archive
	atOnce      = 2        // files read at the same time
)

// Word is the media type of a .docx file.
const Word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

// What reading can be refused for. The messages are for people and models.
var (
	ErrKind   = tmates.E(tmates.Invalid, "text_kind", nil, "No text can be read from a file of this kind.")
	ErrLarge  = tmates.E(tmates.TooLarge, "text_large", nil, "The file is larger than %s.", tmates.SizeDisplay(MaxFile))
	ErrBroken = tmates.E(tmates.Invalid, "text_broken", nil, "The file cannot be read: it is damaged, encrypted or has no text in it.")
)

// Options of [New].
type Options struct {
	// PDF is the command that is given a PDF file on standard input and writes its
	// text; it calls [ServePDF]. Empty: PDF files are of no known kind.
	PDF []string
}

// Reader reads texts. Its methods may be called from any goroutine.
type Reader struct {
	pdf      []string
	patience time.Duration // with one PDF file
	busy     chan struct{}
}

// New returns a reader. It starts nothing.
func New(o Options) *Reader {
	return &Reader{pdf: o.PDF, patience: pdfTime, busy: make(chan struct{}, atOnce)}
}

// Reads reports whether files of a media type have a text.
func (r *Reader) Reads(mediaType string) bool {
	return mediaType == Word || mediaType == "application/pdf" && len(r.pdf) > 0 || isPlain(mediaType)
}

// Read returns the text of a file from its beginning: UTF-8 without control
// characters, lines ended by \n. The media type decides how it is read; cut says
// that there was more than [MaxText]. Errors are [ErrKind], [ErrLarge] and
// [ErrBroken], those of ctx, and those of the disk.
func (r *Reader) Read(ctx context.Context, f *os.File, mediaType string) (text string, cut bool, err error) {
	if !r.Reads(mediaType) {
		return "", false, ErrKind
	}
	info, err := f.Stat()
	if err != nil {
		return "", false, fmt.Errorf("inspect file: %w", err)
	}
	if info.Size() > MaxFile {
		return "", false, ErrLarge
	}
	select {
	case r.busy <- struct{}{}:
		defer func() { <-r.busy }()
	case <-ctx.Done():
		return "", false, fmt.Errorf("wait to read text: %w", context.Cause(ctx))
	}
	out := &limited{}
	switch mediaType {
	case "application/pdf":
		err = r.runPDF(ctx, f, out)
	case Word:
		err = word(f, info.Size(), out)
	case "text/html":
		err = readAll(f, func(s string) { page(s, out) })
	default:
		err = readAll(f, out.add)
	}
	if err != nil && !errors.Is(err, errFull) {
		return "", false, err
	}
	return tidy(out.b.String()), out.full, nil
}

// isPlain reports whether a file of the media type is a text as it lies there.
func isPlain(mediaType string) bool {
	switch mediaType {
	case "application/json", "application/yaml", "application/xml", "image/svg+xml":
		return true
	}
	return strings.HasPrefix(mediaType, "text/")
}

func readAll(f io.ReaderAt, use func(string)) error {
	data, err := io.ReadAll(io.NewSectionReader(f, 0, MaxFile))
	if err != nil {
		return fmt.Errorf("read file: %w", err)
	}
	use(decode(data))
	return nil
}

// errFull ends the reading of a file whose text is long enough.
var errFull = errors.New("the text is long enough")

// limited collects at most MaxText bytes.
type limited struct {
	b    strings.Builder
	full bool
}

func (l *limited) add(s string) {
	if left := MaxText - l.b.Len(); len(s) > left {
		s, l.full = s[:max(left, 0)], true
	}
	l.b.WriteString(s)
}

// Write implements [io.Writer]; it fails once the text is long enough.
func (l *limited) Write(p []byte) (int, error) {
	if l.add(string(p)); l.full {
		return 0, errFull
	}
	return len(p), nil
}

// tidy takes out what no reader needs: control characters and blanks at the ends
// of lines; of several empty lines one stays.
func tidy(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\f", "\n").Replace(strings.ToValidUTF8(s, ""))
	s = strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && unicode.IsControl(r) || r == '\ufeff' {
			return -1
		}
		return r
	}, s)
	var b strings.Builder
	b.Grow(len(s))
	empty := 0
	for line := range strings.Lines(s) {
		line = strings.TrimRightFunc(line, unicode.IsSpace)
		if empty++; line != "" {
			empty = 0
		}
		if empty < 2 {
			b.WriteString(line)
			b.WriteByte('\n')
		}
	}
	return strings.Trim(b.String(), "\n")
}
