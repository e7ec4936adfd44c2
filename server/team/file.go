package team

import (
	"bufio"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
	"path"
	"strings"
	"sync"
	"unicode"

	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/files"
	"github.com/tmates/tmates/store/tmates"
)

// Uploads says what files people may send.
type Uploads struct {
	MaxSize    int64    // bytes of one file
	Quota      int64    // bytes of all files of one user; 0: no limit
	Allow      []string // categories (see media.go), media types, or kinds such as "audio/*"
	ImagesOnly bool     // only raster images, whatever Allow says
}

// What sending a file can be refused for, besides [files.ErrTooLarge].
var (
	errEmptyFile  = tmates.E(tmates.Invalid, "file_empty", nil, "Uploaded file was empty.")
	errOnlyImages = tmates.E(tmates.Invalid, "file_type", nil, "Unsupported file type. Only image uploads are allowed.")
)

// allow returns an error for a media type that may not be sent.
func (u Uploads) allow(mediaType string) error {
	switch {
	case u.ImagesOnly && !allowed([]string{"images"}, mediaType):
		return errOnlyImages
	case !u.ImagesOnly && !allowed(u.Allow, mediaType):
		return tmates.E(tmates.Invalid, "file_type", nil, "Unsupported file type. Allowed are: %s.", cmp.Or(strings.Join(u.Allow, ", "), "none"))
	}
	return nil
}

// Files returns the caller's newest files, how many there are and their total
// size in bytes.
func (t *Team) Files(ctx context.Context, userID string, limit int) (list []tmates.File, total int, size int64, err error) {
	if err := t.inStep(ctx, userID); err != nil {
		return nil, 0, 0, err
	}
	err = t.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		if list, err = tx.Files(ctx, userID, limit); err != nil {
			return err
		}
		total, size, err = tx.FileTotals(ctx, userID)
		return err
	})
	return list, total, size, err
}

// Room returns what the caller may upload and the bytes their files take now.
func (t *Team) Room(ctx context.Context, userID string) (may Uploads, used int64, err error) {
	_, _, used, err = t.Files(ctx, userID, 0)
	may = t.uploads
	if may.ImagesOnly {
		may.Allow = []string{"images"}
	}
	return may, used, err
}

// Upload keeps what r yields as a file of the caller under a random name with
// the extension of name. The order of refusals is the contract's: too large,
// empty, of a type that is not allowed; so r is read as far as it takes to know.
// After an error nothing is left.
func (t *Team) Upload(ctx context.Context, userID, name string, r io.Reader) (tmates.File, error) {
	if _, err := t.Caller(ctx, userID); err != nil {
		return tmates.File{}, err
	}
	in := bufio.NewReaderSize(r, sniffed)
	head, err := in.Peek(sniffed)
	if err != nil && !errors.Is(err, io.EOF) {
		return tmates.File{}, fmt.Errorf("read upload: %w", err)
	}
	if len(head) == 0 {
		return tmates.File{}, errEmptyFile
	}
	name = displayName(name)
	found := mediaType(name, head)
	if refused := t.uploads.allow(found); refused != nil {
		n, err := io.Copy(io.Discard, io.LimitReader(in, t.uploads.MaxSize+1))
		switch {
		case err != nil:
			return tmates.File{}, fmt.Errorf("read upload: %w", err)
		case n > t.uploads.MaxSize:
			return tmates.File{}, files.ErrTooLarge
		}
		return tmates.File{}, refused
	}
	f, err := t.store(ctx, userID, randomName(name), in, t.uploads.MaxSize)
	if err != nil {
		return tmates.File{}, err
	}
	f.Name, f.MediaType = name, found
	return f, t.note(ctx, userID, f)
}

// store keeps a new file on the disk, within its own limit and the user's quota.
func (t *Team) store(ctx context.Context, userID, filePath string, r io.Reader, limit int64) (tmates.File, error) {
	left := limit
	if t.uploads.Quota > 0 {
		_, _, used, err := t.Files(ctx, userID, 0)
		if err != nil {
			return tmates.File{}, err
		}
		left = min(limit, t.uploads.Quota-used)
	}
	f, err := t.files.Add(ctx, userID, filePath, r, left)
	if errors.Is(err, files.ErrTooLarge) && left < limit {
		err = t.quotaSpent()
	}
	return f, err
}

func (t *Team) quotaSpent() error {
	return tmates.E(tmates.TooLarge, "file_quota", nil, "Your files would take more than the %s you have. Delete some first.", tmates.SizeDisplay(t.uploads.Quota))
}

// folder returns the lock that keeps the disk and the index of a user's files in
// step: whoever changes the index holds it from their look at the disk to the
// commit. Users may share one.
func (t *Team) folder(userID string) *sync.Mutex {
	h := fnv.New32a()
	_, _ = h.Write([]byte(userID)) // a hash never fails
	return &t.folders[h.Sum32()%uint32(len(t.folders))]
}

// there reports whether a file that was just stored still is: it may be deleted
// at once. The caller holds the user's folder.
func (t *Team) there(ctx context.Context, userID, filePath string) (bool, error) {
	f, err := t.files.Open(ctx, userID, filePath)
	if isNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, f.Close()
}

// note writes a file that was just stored into the index; when that fails, the
// file is removed again.
func (t *Team) note(ctx context.Context, userID string, f tmates.File) error {
	lock := t.folder(userID)
	lock.Lock()
	defer lock.Unlock()
	if there, err := t.there(ctx, userID, f.Path); err != nil || !there {
		return err
	}
	err := t.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return t.putFile(ctx, tx, userID, f) })
	if err != nil {
		err = t.takeBack(ctx, userID, f.Path, err)
	}
	return err
}

// takeBack removes a file that was stored but could not be indexed, and returns
// why. IndexFiles may have seen it meanwhile.
func (t *Team) takeBack(ctx context.Context, userID, filePath string, why error) error {
	ctx = context.WithoutCancel(ctx)
	err := t.files.Delete(ctx, userID, filePath)
	if err != nil && !isNotFound(err) {
		return errors.Join(why, err)
	}
	err = t.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return tx.RemoveFile(ctx, userID, path.Clean(filePath)) })
	return errors.Join(why, err)
}

// putFile writes a file into the index unless the account is gone, or the
// user's quota meanwhile: somebody else may have been storing, too.
func (t *Team) putFile(ctx context.Context, tx *store.Tx, userID string, f tmates.File) error {
	if _, err := tx.UserByID(ctx, userID); err != nil {
		return err
	}
	if err := tx.PutFile(ctx, userID, f); err != nil {
		return err
	}
	_, used, err := tx.FileTotals(ctx, userID)
	if err == nil && t.uploads.Quota > 0 && used > t.uploads.Quota {
		err = t.quotaSpent()
	}
	return err
}

// OpenFile opens a user's file for reading; the caller closes it. Its size and
// time are those of the opened file, its media type is the one it is served
// with. A user who does not exist or is suspended has no files: signed links go
// on being asked for.
func (t *Team) OpenFile(ctx context.Context, userID, filePath string) (f tmates.File, content *os.File, err error) {
	content, err = t.files.Open(ctx, userID, filePath)
	if err != nil {
		return f, nil, err
	}
	defer func() {
		if err != nil {
			_ = content.Close()
		}
	}()
	info, err := content.Stat()
	if err != nil {
		return f, nil, fmt.Errorf("inspect file: %w", err)
	}
	filePath = path.Clean(filePath)
	err = t.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		u, err := tx.UserByID(ctx, userID)
		if isNotFound(err) || err == nil && u.Banned(tx.Now) {
			return files.ErrNotFound
		}
		if err != nil {
			return err
		}
		f, _, err = tx.File(ctx, userID, filePath) // not there when it was laid into the folder since the start
		return err
	})
	f.Path, f.Size, f.Modified = filePath, info.Size(), info.ModTime()
	f.MediaType = servedType(filePath, f.MediaType)
	return f, content, err
}

// FindFile returns one of the caller's files. Its errors are those of OpenFile.
func (t *Team) FindFile(ctx context.Context, userID, filePath string) (tmates.File, error) {
	f, content, err := t.OpenFile(ctx, userID, filePath)
	if err != nil {
		return f, err
	}
	return f, content.Close()
}

// DeleteFile removes one of the caller's files: from the disk first, so that a
// crash in between cannot bring it back.
func (t *Team) DeleteFile(ctx context.Context, userID, filePath string) error {
	lock := t.folder(userID)
	lock.Lock()
	defer lock.Unlock()
	if err := t.files.Delete(ctx, userID, filePath); err != nil {
		return err
	}
	return t.db.Write(context.WithoutCancel(ctx), func(ctx context.Context, tx *store.Tx) error {
		return tx.RemoveFile(ctx, userID, path.Clean(filePath))
	})
}

// DeleteFiles removes all files of a user. When it fails half-way, doing it
// again goes on.
func (t *Team) DeleteFiles(ctx context.Context, userID string) error {
	lock := t.folder(userID)
	lock.Lock()
	defer lock.Unlock()
	t.stepped.Delete(userID) // they have no files to look at any more
	if err := t.files.DeleteUser(ctx, userID); err != nil {
		return err
	}
	return t.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error { return tx.RemoveFiles(ctx, userID) })
}

// maxFileName bounds what a sender calls a file, in code points.
const maxFileName = 255

// displayName is what the sender of a file calls it, made fit to be shown: no
// folders of either kind of system, no control characters, not too long.
func displayName(name string) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, "�"))
	if runes := []rune(name); len(runes) > maxFileName {
		ext := extension(name)
		name = string(runes[:maxFileName-len([]rune(ext))]) + ext
	}
	return name
}

// randomName is the name a file is stored under: 32 random hex digits and the
// last extension of its own name, which may have none.
func randomName(name string) string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails: it ends the program instead
	return hex.EncodeToString(b) + extension(name)
}

// extension returns the last extension of a name, case kept; empty when there
// is none, it is unreasonably long, or it holds what is not a letter or digit.
func extension(name string) string {
	dot := strings.LastIndexByte(name, '.')
	if strings.Trim(name[:max(dot, 0)], ".") == "" { // ".png" is a name
		return ""
	}
	ext := name[dot+1:]
	odd := func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("_+-", r)
	}
	if ext == "" || len(ext) > 32 || strings.ContainsFunc(ext, odd) {
		return ""
	}
	return "." + ext
}
