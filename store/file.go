package store

import (
	"context"
	"fmt"

	"github.com/tmates/tmates/store/tmates"
)

const fileColumns = `path, name, media_type, size, job_id, modified_at`

func scanFile(s scanner) (f tmates.File, err error) {
	var modified stamp
	err = s.Scan(&f.Path, &f.Name, &f.MediaType, &f.Size, &f.JobID, &modified)
	f.Modified = modified.Time
	return f, err
}

// What a person's request asks of the index. A test holds that none of them
// reads more than the person's own part of it.
const (
	newestFiles = `SELECT ` + fileColumns + ` FROM files WHERE user_id = ? ORDER BY modified_at DESC, path LIMIT ?`
	totalFiles  = `SELECT COUNT(*), COALESCE(SUM(size), 0) FROM files WHERE user_id = ?`
	oneFile     = `SELECT ` + fileColumns + ` FROM files WHERE user_id = ? AND path = ?`
	fileByName  = `SELECT ` + fileColumns + ` FROM files WHERE user_id = ? AND name = ? ORDER BY modified_at DESC, path LIMIT 1`
	filesOfJob  = `SELECT ` + fileColumns + ` FROM files WHERE user_id = ? AND job_id = ? ORDER BY path`
)

// Files returns the user's newest files, at most limit, by modification time
// and then by path.
func (tx *Tx) Files(ctx context.Context, userID string, limit int) ([]tmates.File, error) {
	return list(ctx, tx, "list files", scanFile, newestFiles, userID, limit)
}

// FileTotals returns how many files the user has and how many bytes they are.
func (tx *Tx) FileTotals(ctx context.Context, userID string) (count int, size int64, err error) {
	if err := tx.tx.QueryRowContext(ctx, totalFiles, userID).Scan(&count, &size); err != nil {
		return 0, 0, fmt.Errorf("count files: %w", err)
	}
	return count, size, nil
}

// File returns the user's file of a path.
func (tx *Tx) File(ctx context.Context, userID, path string) (f tmates.File, found bool, err error) {
	return one(ctx, tx, "read file", scanFile, oneFile, userID, path)
}

// FileByName returns the newest of the user's files that its sender called so.
func (tx *Tx) FileByName(ctx context.Context, userID, name string) (f tmates.File, found bool, err error) {
	return one(ctx, tx, "find file", scanFile, fileByName, userID, name)
}

// FilesOfJob returns the files a tmate wrote for the user in a job, by path.
func (tx *Tx) FilesOfJob(ctx context.Context, userID, jobID string) ([]tmates.File, error) {
	return list(ctx, tx, "list files of job", scanFile, filesOfJob, userID, jobID)
}

// PutFile notes a file of the user, in place of an older one of its path.
func (tx *Tx) PutFile(ctx context.Context, userID string, f tmates.File) error {
	_, err := tx.exec(ctx, "note file", `INSERT INTO files (user_id, `+fileColumns+`, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (user_id, path) DO UPDATE SET name = excluded.name, media_type = excluded.media_type, size = excluded.size,
		job_id = excluded.job_id, modified_at = excluded.modified_at`,
		userID, f.Path, f.Name, f.MediaType, f.Size, f.JobID, micros(f.Modified), micros(tx.Now))
	return err
}

// RemoveFile forgets the user's file of a path.
func (tx *Tx) RemoveFile(ctx context.Context, userID, path string) error {
	_, err := tx.exec(ctx, "forget file", `DELETE FROM files WHERE user_id = ? AND path = ?`, userID, path)
	return err
}

// RemoveFiles forgets every file of the user.
func (tx *Tx) RemoveFiles(ctx context.Context, userID string) error {
	_, err := tx.exec(ctx, "forget files", `DELETE FROM files WHERE user_id = ?`, userID)
	return err
}

// FileOwners returns the ids of the users who have files in the index.
func (tx *Tx) FileOwners(ctx context.Context) ([]string, error) {
	return list(ctx, tx, "list owners of files", func(s scanner) (id string, err error) { err = s.Scan(&id); return id, err },
		`SELECT DISTINCT user_id FROM files`)
}
