package team

import (
	"context"
	"io"
	"math"
	"slices"

	"github.com/tmates/tmates/store"
	"github.com/tmates/tmates/store/tmates"
)

// indexBatch is how many files are written into the index in one transaction.
const indexBatch = 1000

// IndexFiles makes the index say what the disk holds: files laid into a folder
// by hand, or stored just before the process died, are added; those that are
// gone are dropped. It may run beside everything else: whoever asks for the files
// of a user that was not looked at yet waits for that user only (see
// [Team.inStep]). Only files that are new or changed, and whose name does not
// tell what they are, are opened.
//
// A folder that cannot be read keeps its part of the index, and a folder of no
// known user is left alone.
func (t *Team) IndexFiles(ctx context.Context) error {
	ids, err := t.files.Users(ctx)
	if err != nil {
		return err
	}
	err = t.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		owners, err := tx.FileOwners(ctx)
		ids = append(ids, owners...)
		return err
	})
	if err != nil {
		return err
	}
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		if err := t.indexUser(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// inStep makes sure that the index of a user was held against the disk since the
// start. The caller does not hold the user's folder.
func (t *Team) inStep(ctx context.Context, userID string) error {
	if _, done := t.stepped.Load(userID); done {
		return nil
	}
	return t.indexUser(ctx, userID)
}

// indexUser is IndexFiles for one user.
func (t *Team) indexUser(ctx context.Context, userID string) error {
	lock := t.folder(userID)
	lock.Lock()
	defer lock.Unlock()
	err := t.compare(ctx, userID)
	if err == nil {
		t.stepped.Store(userID, true)
	}
	return err
}

// compare holds the index of a user against the disk. The caller holds the
// user's folder.
func (t *Team) compare(ctx context.Context, userID string) error {
	known, exists, err := t.indexed(ctx, userID)
	if err != nil {
		return err
	}
	if !exists {
		t.log.Warn("files of an account that does not exist are left alone", "user", userID)
		return nil
	}
	var found []tmates.File
	added := 0
	var kept error // a failure of the database, which is none of the disk
	flush := func() error {
		added += len(found)
		kept = t.putFiles(ctx, userID, found)
		found = found[:0]
		return kept
	}
	err = t.files.Walk(ctx, userID, func(f tmates.File) error {
		old, seen := known[f.Path]
		delete(known, f.Path)
		if seen && old.Size == f.Size && old.Modified.UnixMicro() == f.Modified.UnixMicro() {
			return nil
		}
		f.Name, f.JobID, f.MediaType = old.Name, old.JobID, t.look(ctx, userID, f.Path)
		if found = append(found, f); len(found) < indexBatch {
			return nil
		}
		return flush()
	})
	if err == nil {
		err = flush()
	}
	switch {
	case kept != nil || ctx.Err() != nil:
		return err
	case err != nil:
		t.log.Warn("the files of a user could not be looked through", "user", userID, "err", err)
		return nil
	}
	if len(known) == 0 && added == 0 {
		return nil
	}
	t.log.Info("index of files brought up to date", "user", userID, "added", added, "dropped", len(known))
	return t.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		for gone := range known {
			if err := tx.RemoveFile(ctx, userID, gone); err != nil {
				return err
			}
		}
		return nil
	})
}

// indexed returns the index of a user by path; exists is false when there is no
// such user.
func (t *Team) indexed(ctx context.Context, userID string) (known map[string]tmates.File, exists bool, err error) {
	known = map[string]tmates.File{}
	err = t.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.UserByID(ctx, userID); err != nil {
			return err
		}
		all, err := tx.Files(ctx, userID, math.MaxInt32)
		for _, f := range all {
			known[f.Path] = f
		}
		return err
	})
	if isNotFound(err) {
		return nil, false, nil
	}
	return known, true, err
}

func (t *Team) putFiles(ctx context.Context, userID string, all []tmates.File) error {
	if len(all) == 0 {
		return nil
	}
	return t.db.Write(ctx, func(ctx context.Context, tx *store.Tx) error {
		for _, f := range all {
			if err := tx.PutFile(ctx, userID, f); err != nil {
				return err
			}
		}
		return nil
	})
}

// look tells what a file on the disk is; empty when its name tells already, or
// when it cannot be read.
func (t *Team) look(ctx context.Context, userID, filePath string) string {
	if servedType(filePath, "") != unknownType {
		return ""
	}
	content, err := t.files.Open(ctx, userID, filePath)
	if err != nil {
		return ""
	}
	defer func() { _ = content.Close() }()
	head := make([]byte, sniffed)
	n, err := io.ReadFull(content, head)
	if n == 0 && err != nil {
		return ""
	}
	return mediaType(filePath, head[:n])
}
