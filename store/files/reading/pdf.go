package reading

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"time"

	"github.com/ledongthuc/pdf"
)

// Bounds of the process that reads a PDF file.
const (
	pdfTime   = 20 * time.Second
	pdfMemory = 512 << 20 // bytes
	pdfPages  = 2000
)

// runPDF lets the command read a file that is open here.
func (r *Reader) runPDF(ctx context.Context, f *os.File, out *limited) error {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("rewind file: %w", err)
	}
	within, cancel := context.WithTimeout(ctx, r.patience)
	defer cancel()
	child := exec.CommandContext(within, r.pdf[0], r.pdf[1:]...)
	child.Stdin, child.Stdout = f, out
	child.Env = []string{fmt.Sprintf("GOMEMLIMIT=%d", pdfMemory/2), "GOMAXPROCS=1"} // nothing of this process's environment, where keys may be
	child.WaitDelay = time.Second
	err := child.Run()
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("read PDF: %w", context.Cause(ctx))
	case out.full:
		return errFull
	case err == nil && len(bytes.TrimSpace([]byte(out.b.String()))) > 0:
		return nil
	}
	if failed, isExit := errors.AsType[*exec.ExitError](err); err != nil && (!isExit || failed == nil) && within.Err() == nil {
		return fmt.Errorf("start reader of PDF: %w", err)
	}
	return ErrBroken // it refused the file, ran out of time or memory, or found nothing
}

// ServePDF is the work of the command that reads one PDF file: it lowers what its
// process may use, reads the file from in, and writes the text to out.
func ServePDF(in *os.File, out io.Writer) error {
	if err := confine(); err != nil {
		return fmt.Errorf("confine process: %w", err)
	}
	info, err := in.Stat()
	if err != nil {
		return fmt.Errorf("inspect input: %w", err)
	}
	if info.Size() > MaxFile {
		return ErrLarge
	}
	return pages(in, info.Size(), out)
}

// pages writes the text of a PDF file, page by page. A page that cannot be read
// is left out.
func pages(in io.ReaderAt, size int64, out io.Writer) (err error) {
	defer func() {
		if p := recover(); p != nil { // the library's way to say that a file is damaged
			err = ErrBroken
		}
	}()
	file, err := pdf.NewReader(in, size)
	if err != nil {
		return ErrBroken
	}
	w := bufio.NewWriter(out)
	for n := range min(file.NumPage(), pdfPages) {
		if err := onePage(file, n+1, w); err != nil {
			return err
		}
	}
	return w.Flush()
}

func onePage(file *pdf.Reader, n int, w *bufio.Writer) error {
	glyphs := glyphsOf(file, n)
	var last pdf.Text
	for i, g := range glyphs {
		size := math.Max(math.Abs(g.FontSize), 1)
		switch {
		case i == 0:
		case math.Abs(g.Y-last.Y) > size/2:
			_ = w.WriteByte('\n') // a failure is told by what follows
		case g.X-(last.X+last.W) > size/6:
			_ = w.WriteByte(' ')
		}
		if _, err := w.WriteString(g.S); err != nil {
			return fmt.Errorf("write text: %w", err)
		}
		last = g
	}
	if _, err := w.WriteString("\n\n"); err != nil {
		return fmt.Errorf("write text: %w", err)
	}
	return nil
}

// glyphsOf returns the letters of a page in the order they are drawn; none when
// it is damaged.
func glyphsOf(file *pdf.Reader, n int) (glyphs []pdf.Text) {
	defer func() { _ = recover() }()
	p := file.Page(n)
	if p.V.IsNull() {
		return nil
	}
	return p.Content().Text
}
