// Package migrations embeds the numbered SQL files that build and upgrade the
// database. It holds no logic: package store runs them through goose.
//
// Migrations only go forward and are never edited after a release; undoing one
// means restoring the snapshot that was taken before it.
package migrations

import "embed"

// FS holds every migration at its root.
//
//go:embed *.sql
var FS embed.FS
