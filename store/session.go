package store

import (
	"context"
	"encoding/base64"
	"fmt"
	"time"

	"github.com/tmates/tmates/store/tmates"
)

const sessionColumns = `id, user_id, refresh_key, counter, superseded, methods, user_agent, ip, created_at, refreshed_at, not_after`

// storedSupersession and storedMethod are the JSON of the noun's lists; times
// are microseconds, as in columns.
type storedSupersession struct {
	Counter int64 `json:"n"`
	At      int64 `json:"at"`
}

type storedMethod struct {
	Method string `json:"method"`
	At     int64  `json:"at"`
}

func scanSession(s scanner) (v tmates.Session, err error) {
	var created, refreshed, notAfter stamp
	var superseded []storedSupersession
	var methods []storedMethod
	err = s.Scan(&v.ID, &v.UserID, base64Column{&v.Key}, &v.Counter, asJSON(&superseded), asJSON(&methods), &v.UserAgent, &v.IP,
		&created, &refreshed, &notAfter)
	for _, x := range superseded {
		v.Superseded = append(v.Superseded, tmates.Supersession{Counter: x.Counter, At: time.UnixMicro(x.At).UTC()})
	}
	for _, x := range methods {
		v.Methods = append(v.Methods, tmates.AuthMethod{Method: x.Method, At: time.UnixMicro(x.At).UTC()})
	}
	v.CreatedAt, v.RefreshedAt, v.NotAfter = created.Time, refreshed.Time, notAfter.Time
	return v, err
}

func supersededText(all []tmates.Supersession) string {
	stored := make([]storedSupersession, 0, len(all))
	for _, x := range all {
		stored = append(stored, storedSupersession{Counter: x.Counter, At: x.At.UnixMicro()})
	}
	return jsonText(stored)
}

func methodsText(all []tmates.AuthMethod) string {
	stored := make([]storedMethod, 0, len(all))
	for _, x := range all {
		stored = append(stored, storedMethod{Method: x.Method, At: x.At.UnixMicro()})
	}
	return jsonText(stored)
}

// base64Column reads a TEXT column of raw URL-safe base64 into *v.
type base64Column struct{ v *[]byte }

// Scan implements [sql.Scanner].
func (c base64Column) Scan(v any) (err error) {
	s, ok := v.(string)
	if !ok {
		return fmt.Errorf("base64 column holds %T", v)
	}
	*c.v, err = base64.RawURLEncoding.DecodeString(s)
	return err
}

func base64Text(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// ErrNoSession is what a session that ended, or never was, answers.
var ErrNoSession = tmates.E(tmates.Unauthenticated, "session_not_found", nil, "This session has ended: please log in again")

// AddSession keeps a new session and returns it as stored.
func (tx *Tx) AddSession(ctx context.Context, v tmates.Session) (tmates.Session, error) {
	v.CreatedAt, v.RefreshedAt = tx.Now, tx.Now
	_, err := tx.exec(ctx, "add session",
		`INSERT INTO sessions (`+sessionColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		v.ID, v.UserID, base64Text(v.Key), v.Counter, supersededText(v.Superseded), methodsText(v.Methods), v.UserAgent, v.IP,
		micros(v.CreatedAt), micros(v.RefreshedAt), micros(v.NotAfter))
	return v, err
}

// Session returns a session by id, or [ErrNoSession]. The id alone proves
// nothing: the caller holds a token that names it, and compares the owner.
func (tx *Tx) Session(ctx context.Context, id string) (tmates.Session, error) {
	return oneOr(ctx, tx, ErrNoSession, "read session", scanSession, `SELECT `+sessionColumns+` FROM sessions WHERE id = ?`, id)
}

// Sessions returns the user's sessions that were refreshed after idle and have
// not reached their absolute end, newest first.
func (tx *Tx) Sessions(ctx context.Context, userID string, idle time.Time) ([]tmates.Session, error) {
	return list(ctx, tx, "list sessions", scanSession, `SELECT `+sessionColumns+`
		FROM sessions WHERE user_id = ? AND refreshed_at > ? AND not_after > ? ORDER BY created_at DESC, id DESC`, userID, micros(idle), micros(tx.Now))
}

// RefreshSession keeps v's Counter and Superseded and notes the time, if the
// stored counter still is from. It reports whether it was.
func (tx *Tx) RefreshSession(ctx context.Context, v tmates.Session, from int64) (bool, error) {
	n, err := tx.exec(ctx, "refresh session",
		`UPDATE sessions SET counter = ?, superseded = ?, refreshed_at = ? WHERE id = ? AND counter = ?`,
		v.Counter, supersededText(v.Superseded), micros(tx.Now), v.ID, from)
	return n == 1, err
}

// SessionFrom reports whether the user has a session, refreshed after since,
// that began at a client address.
func (tx *Tx) SessionFrom(ctx context.Context, userID, ip string, since time.Time) (found bool, err error) {
	err = tx.tx.QueryRowContext(ctx,
		`SELECT EXISTS (SELECT 1 FROM sessions WHERE user_id = ? AND ip = ? AND refreshed_at > ? AND not_after > ?)`,
		userID, ip, micros(since), micros(tx.Now)).Scan(&found)
	if err != nil {
		return false, fmt.Errorf("look for a session: %w", err)
	}
	return found, nil
}

// The methods that end sessions emit one EventSessionEnd for each.

const endedColumns = `RETURNING id, user_id`

func (tx *Tx) endSessions(ctx context.Context, what, query string, args ...any) (int, error) {
	ended, err := list(ctx, tx, what, func(s scanner) (ev tmates.Event, err error) {
		ev.Type = tmates.EventSessionEnd
		return ev, s.Scan(&ev.SessionID, &ev.UserID)
	}, query+endedColumns, args...)
	if err != nil {
		return 0, err
	}
	for _, ev := range ended {
		tx.Emit(ev)
	}
	return len(ended), nil
}

// DeleteSession ends one session of the user and reports whether it was there.
func (tx *Tx) DeleteSession(ctx context.Context, userID, id string) (bool, error) {
	n, err := tx.endSessions(ctx, "end session", `DELETE FROM sessions WHERE user_id = ? AND id = ? `, userID, id)
	return n == 1, err
}

// DeleteSessions ends the user's sessions but the one called except, which may
// be empty, and returns how many that were.
func (tx *Tx) DeleteSessions(ctx context.Context, userID, except string) (int, error) {
	return tx.endSessions(ctx, "end sessions", `DELETE FROM sessions WHERE user_id = ? AND id <> ? `, userID, except)
}

// DeleteOldestSessions ends the user's oldest sessions until keep are left.
func (tx *Tx) DeleteOldestSessions(ctx context.Context, userID string, keep int) (int, error) {
	return tx.endSessions(ctx, "end oldest sessions",
		`DELETE FROM sessions WHERE user_id = ? AND id NOT IN (
		     SELECT id FROM sessions WHERE user_id = ? ORDER BY created_at DESC, id DESC LIMIT ?) `, userID, userID, keep)
}

// PruneSessions ends every session that was not refreshed since idle or whose
// absolute end lies before ended.
func (tx *Tx) PruneSessions(ctx context.Context, idle, ended time.Time) (int, error) {
	return tx.endSessions(ctx, "prune sessions",
		`DELETE FROM sessions WHERE refreshed_at < ? OR not_after < ? `, micros(idle), micros(ended))
}
