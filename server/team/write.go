package team

import (
	"context"
	"errors"
	"io"
	"path"
	"strconv"
	"strings"

	"github.com/tmates/tmates/agents"
	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/files"
	"github.com/tmates/tmates/store/tmates"
)

// maxVersions is how many files of one name tmates may write for a user.
const maxVersions = 50

// WriteFile keeps a text as a file of the scope's user and tells their sockets.
// A file is never overwritten: when the name is taken, the next free one of
// "name-2.txt", "name-3.txt" and so on is. A file of one of these names that
// holds the very text is taken for this one, so that a repeated attempt of a job
// writes nothing twice.
func (t *Team) WriteFile(ctx context.Context, s agents.Scope, name, content string) (tmates.File, error) {
	for n := 1; n <= maxVersions; n++ {
		filePath := version(name, n)
		f, err := t.store(ctx, s.UserID, filePath, strings.NewReader(content), int64(len(content)))
		added := err == nil
		if errors.Is(err, files.ErrTaken) {
			var same bool
			if f, same, err = t.holds(ctx, s.UserID, filePath, content); err == nil && !same {
				continue
			}
		}
		if err != nil {
			return tmates.File{}, err
		}
		return t.noteWritten(ctx, s, f, added, content)
	}
	return tmates.File{}, tmates.E(tmates.Conflict, "file_versions", nil, "There are %d files called %s already.", maxVersions, name)
}

// version is the n-th name to try for a file.
func version(name string, n int) string {
	if n == 1 {
		return name
	}
	ext := path.Ext(name)
	return strings.TrimSuffix(name, ext) + "-" + strconv.Itoa(n) + ext
}

// holds reports whether the user's file of a path holds exactly a text.
func (t *Team) holds(ctx context.Context, userID, filePath, content string) (f tmates.File, same bool, err error) {
	f, in, err := t.OpenFile(ctx, userID, filePath)
	if isNotFound(err) {
		return f, false, nil // a folder, a link, or deleted this moment
	}
	if err != nil {
		return f, false, err
	}
	defer func() { _ = in.Close() }()
	if f.Size != int64(len(content)) {
		return f, false, nil
	}
	held, err := io.ReadAll(io.LimitReader(in, f.Size+1))
	return f, string(held) == content, err
}

// noteWritten writes a file of a tmate into the index as one of the job, and
// tells about it once for each job. added says that it was stored just now.
func (t *Team) noteWritten(ctx context.Context, s agents.Scope, f tmates.File, added bool, content string) (tmates.File, error) {
	lock := t.folder(s.UserID)
	lock.Lock()
	defer lock.Unlock()
	if there, err := t.there(ctx, s.UserID, f.Path); err != nil || !there {
		return f, err
	}
	f.JobID, f.MediaType = s.JobID, servedType(f.Path, mediaType(f.Path, []byte(content[:min(len(content), sniffed)])))
	err := t.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		old, found, err := tx.File(ctx, s.UserID, f.Path)
		if err != nil || found && old.JobID == s.JobID && !added {
			return err
		}
		f.Name = old.Name
		if err := t.putFile(ctx, tx, s.UserID, f); err != nil {
			return err
		}
		tx.Emit(tmates.Event{UserID: s.UserID, Type: tmates.EventFile, File: &f})
		return nil
	})
	if err != nil && added {
		err = t.takeBack(ctx, s.UserID, f.Path, err)
	}
	return f, err
}
