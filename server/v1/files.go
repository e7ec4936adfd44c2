package v1

import (
	"cmp"
	"context"
	"io"
	"net/http"
	"os"
	"path"

	"github.com/tmates/tmates/server/team"
	"github.com/tmates/tmates/store/tmates"
)

// folder is what the user's files need from the use-cases.
type folder interface {
	Files(ctx context.Context, userID string, limit int) (list []tmates.File, total int, size int64, err error)
	Room(ctx context.Context, userID string) (may team.Uploads, used int64, err error)
	DeleteFile(ctx context.Context, userID, path string) error
	Upload(ctx context.Context, userID, name string, r io.Reader) (tmates.File, error)
	OpenFile(ctx context.Context, userID, path string) (tmates.File, *os.File, error)
	FindFile(ctx context.Context, userID, path string) (tmates.File, error)
}

// fileBody is a file in a list. original_name, which upstream loses, is an
// addition (Q-F6).
type fileBody struct {
	Name            string `json:"name"`
	RelativePath    string `json:"relative_path"`
	Size            int64  `json:"size"`
	SizeDisplay     string `json:"size_display"`
	Modified        string `json:"modified"`
	ModifiedDisplay string `json:"modified_display"`
	ModifiedISO     string `json:"modified_iso"`
	DownloadURL     string `json:"download_url"`
	OriginalName    string `json:"original_name"`
}

// listFiles serves GET and HEAD /files. The totals cover what the limit cuts
// off.
func listFiles(use folder) func(call) error {
	type answer struct {
		Files            []fileBody `json:"files"`
		TotalCount       int        `json:"total_count"`
		TotalSize        int64      `json:"total_size"`
		TotalSizeDisplay *string    `json:"total_size_display"`
		HasMore          bool       `json:"has_more"`
		Limit            int        `json:"limit"`
	}
	return func(c call) error {
		limit, err := queryLimit(c, 500, 100)
		if err != nil {
			return err
		}
		list, total, size, err := use.Files(c.ctx(), c.user, limit)
		if err != nil {
			return err
		}
		out := answer{Files: []fileBody{}, TotalCount: total, TotalSize: size, HasMore: total > len(list), Limit: limit}
		if total > 0 {
			out.TotalSizeDisplay = orNull(tmates.SizeDisplay(size))
		}
		for _, f := range list {
			out.Files = append(out.Files, fileBody{
				Name: path.Base(f.Path), RelativePath: f.Path, Size: f.Size, SizeDisplay: tmates.SizeDisplay(f.Size),
				Modified: tmates.ZTime(f.Modified), ModifiedDisplay: tmates.ModifiedDisplay(f.Modified),
				ModifiedISO: tmates.ModifiedISO(f.Modified), DownloadURL: tmates.DownloadURL(f.Path),
				OriginalName: cmp.Or(f.Name, path.Base(f.Path)),
			})
		}
		return writeJSON(c, http.StatusOK, out)
	}
}

// getUploads serves GET /uploads.
func getUploads(use folder) func(call) error {
	type answer struct {
		MaxSize int64    `json:"max_size"`
		Allow   []string `json:"allow"`
		Quota   *int64   `json:"quota"`
		Used    int64    `json:"used"`
	}
	return func(c call) error {
		may, used, err := use.Room(c.ctx(), c.user)
		if err != nil {
			return err
		}
		out := answer{MaxSize: may.MaxSize, Allow: append([]string{}, may.Allow...), Used: used}
		if may.Quota > 0 {
			out.Quota = &may.Quota
		}
		return writeJSON(c, http.StatusOK, out)
	}
}

// deleteFile serves DELETE /files/*: everything after the prefix is the path,
// with its slashes raw or encoded. The router does not look for another method
// once a path begins like one of the routes beside it, so those have one of their
// own; within is what the router took for the route's name.
func deleteFile(use folder, within string) func(call) error {
	type answer struct {
		Success bool   `json:"success"`
		Message string `json:"message"`
	}
	return func(c call) error {
		name, err := greedyValue(c)
		if err != nil {
			return err
		}
		name = within + name
		if err := use.DeleteFile(c.ctx(), c.user, name); err != nil {
			return err
		}
		return writeJSON(c, http.StatusOK, answer{true, "Deleted " + name})
	}
}
