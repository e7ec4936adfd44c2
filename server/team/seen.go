package team

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/files"
	"github.com/tmates/tmates/store/tmates"
)

// Bounds of what a turn shows of the files that came with its messages.
const (
	maxPicture  = 5 << 20 // bytes of one picture
	maxExcerpt  = 8000    // code points of one document
	maxExcerpts = 3       // documents of the message that is answered
)

// pictures are the media types a model can look at.
var pictures = []string{"image/png", "image/jpeg", "image/webp", "image/gif"}

// seeFiles adds to a turn what its files show: the newest pictures, and the
// beginning of documents that came with the message to answer. stored are the
// messages the turn was made of. A file is looked for in the user's own folder
// only; whatever else an attachment names stays a name.
func (t *Team) seeFiles(ctx context.Context, j tmates.Job, stored []tmates.Message, turn *agents.Turn) error {
	last := len(turn.Messages) - 1
	left := agents.MaxImages
	asked := &turn.Messages[last]
	documents := 0
	for _, a := range tmates.AttachmentsOf(j.Metadata) {
		name := cmp.Or(a.Name, a.RelativePath)
		kind, data, err := t.see(ctx, j.UserID, a.RelativePath, left > 0)
		switch {
		case err != nil:
			return err
		case data != nil:
			asked.Images, left = append(asked.Images, agents.Image{MediaType: kind, Data: data}), left-1
		case slices.Contains(pictures, kind):
			turn.Left.Images++
			asked.Text += fmt.Sprintf("\n[the picture %s is not shown: at most %d are, of %s each]", name, agents.MaxImages, tmates.SizeDisplay(maxPicture))
		case t.texts.Reads(kind) && documents < maxExcerpts:
			documents++
			q, cut, err := t.excerpt(ctx, j.UserID, a.RelativePath, name)
			if err != nil {
				return err
			}
			asked.Quotes = append(asked.Quotes, q...)
			turn.Left.Characters += cut
		case t.texts.Reads(kind):
			turn.Left.Documents++
		}
	}
	for i := last - 1; i >= 0; i-- {
		m := &turn.Messages[i]
		at := slices.IndexFunc(stored, func(s tmates.Message) bool { return m.Seq > 0 && s.Seq == m.Seq })
		if at < 0 || m.Author != agents.AuthorUser {
			continue
		}
		for _, a := range tmates.AttachmentsOf(stored[at].Payload) {
			if left == 0 { // told by the name: a long thread has more files than a turn should open
				if slices.Contains(pictures, mime.TypeByExtension(path.Ext(a.RelativePath))) {
					turn.Left.Images++
				}
				continue
			}
			kind, data, err := t.see(ctx, j.UserID, a.RelativePath, true)
			switch {
			case err != nil:
				return err
			case data == nil && slices.Contains(pictures, kind):
				turn.Left.Images++
			case data != nil:
				m.Images, left = append(m.Images, agents.Image{MediaType: kind, Data: data}), left-1
			}
		}
	}
	return nil
}

// see looks at a file of the user: what it is by its content, and its data when
// it is a picture that fits and is wanted. A file that is not there is of no kind.
func (t *Team) see(ctx context.Context, userID, filePath string, wanted bool) (kind string, picture []byte, err error) {
	f, kind, err := t.openTyped(ctx, userID, filePath)
	if f == nil || err != nil {
		return "", nil, err
	}
	defer func() { _ = f.Close() }()
	if !wanted || !slices.Contains(pictures, kind) {
		return kind, nil, nil
	}
	data, err := io.ReadAll(io.NewSectionReader(f, 0, maxPicture+1))
	if err != nil || len(data) > maxPicture {
		return kind, nil, err
	}
	return kind, data, nil
}

// openTyped opens a file of the user and tells by its first bytes what it is; f
// is nil when there is none, or the path leads elsewhere.
func (t *Team) openTyped(ctx context.Context, userID, filePath string) (f *os.File, kind string, err error) {
	if filePath == "" {
		return nil, "", nil
	}
	_, f, err = t.OpenFile(ctx, userID, filePath)
	if isNotFound(err) || errors.Is(err, files.ErrDenied) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	head := make([]byte, sniffed)
	n, err := f.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		_ = f.Close()
		return nil, "", fmt.Errorf("read file: %w", err)
	}
	return f, mediaType(filePath, head[:n]), nil
}

// excerpt quotes the beginning of a document, or nothing when it cannot be read.
// left is how many characters of what was read it leaves out.
func (t *Team) excerpt(ctx context.Context, userID, filePath, name string) (q []agents.Quote, left int, err error) {
	said, cut, err := t.textOf(ctx, userID, filePath)
	if refused, ok := errors.AsType[*tmates.Error](err); ok && refused.Kind != tmates.Internal || err == nil && said == "" {
		return nil, 0, nil // read_file tells why, if it is asked
	}
	if err != nil {
		return nil, 0, err
	}
	if runes := []rune(said); len(runes) > maxExcerpt {
		said, cut, left = string(runes[:maxExcerpt]), true, len(runes)-maxExcerpt
	}
	source := "file " + name
	if cut {
		source += ", its beginning; read_file has the rest"
	}
	return []agents.Quote{{Source: source, Text: said}}, left, nil
}

// errNoFile is what a tmate is told about every name it cannot read, whatever
// the reason is.
func errNoFile(name string) error {
	return tmates.E(tmates.NotFound, "file_not_found", nil, "There is no file named %q.", name)
}

// textOf reads the text of a file in the user's own folder.
func (t *Team) textOf(ctx context.Context, userID, filePath string) (said string, cut bool, err error) {
	f, kind, err := t.openTyped(ctx, userID, filePath)
	if err != nil {
		return "", false, err
	}
	if f == nil {
		return "", false, errNoFile(filePath)
	}
	defer func() { _ = f.Close() }()
	return t.texts.Read(ctx, f, kind)
}

// ReadFile returns the text of a file of the scope's user: by its path, else the
// newest one its sender called so. A link to a download is its path.
func (t *Team) ReadFile(ctx context.Context, s agents.Scope, name string) (said string, cut bool, err error) {
	filePath := name
	if link, ok := tmates.NormalizeAttachment(map[string]any{"uri": name}); ok && link.RelativePath != "" && strings.HasPrefix(name, "/") {
		filePath = link.RelativePath
	}
	if _, err := t.FindFile(ctx, s.UserID, filePath); isNotFound(err) || errors.Is(err, files.ErrDenied) {
		if err := t.inStep(ctx, s.UserID); err != nil {
			return "", false, err
		}
		err = t.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
			f, found, err := tx.FileByName(ctx, s.UserID, name)
			if err == nil && !found {
				err = errNoFile(name)
			}
			filePath = f.Path
			return err
		})
		if err != nil {
			return "", false, err
		}
	} else if err != nil {
		return "", false, err
	}
	return t.textOf(ctx, s.UserID, filePath)
}
