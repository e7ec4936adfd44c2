package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"
)

// The write-ahead log begins anew when a commit finds nobody reading an older part
// of it. Where reads always overlap that never happens, and it would grow for as
// long as there is disk (measured: 49 MiB in 8 s with four readers of 2 ms each).
// So once it is large, the next writes wait until it is in the database: readers
// who come meanwhile need no log, and those who need it end.
const (
	maxLog      = 16 << 20               // bytes
	commitsLook = 64                     // commits between two looks at its size
	logPatience = 200 * time.Millisecond // how long writes wait in vain for one who reads
)

// boundLog empties the log when it is large; the turn is held. In vain, it is tried
// again when the log is larger by as much.
func (db *DB) boundLog() {
	db.commits++
	if db.commits%commitsLook != 0 {
		return
	}
	info, err := os.Stat(db.logPath())
	if err != nil || info.Size() <= db.logBound {
		return
	}
	emptied, err := db.w.emptyLog(logPatience)
	if emptied {
		db.logBound = db.maxLog
		return
	}
	db.logBound = info.Size() + db.maxLog
	db.log.Warn("the write-ahead log could not be emptied: somebody reads for long, or the disk fails",
		slog.Int64("bytes", info.Size()), slog.Int64("next_at", db.logBound), slog.Any("err", err))
}

// emptyLog moves the log into the database and cuts it to nothing. It waits no
// longer for who reads than patience; emptied is false when that was in vain.
func (c *conn) emptyLog(patience time.Duration) (emptied bool, err error) {
	if err := c.wait(patience); err != nil {
		return false, err
	}
	var busy, pages, moved int
	err = c.QueryRowContext(context.Background(), checkpoint).Scan(&busy, &pages, &moved)
	return busy == 0 && err == nil, errors.Join(err, c.wait(busyTimeout))
}

// wait sets how long the connection waits for a lock.
func (c *conn) wait(d time.Duration) error {
	_, err := c.c.ExecContext(context.Background(), fmt.Sprintf("PRAGMA busy_timeout = %d", d.Milliseconds()))
	return err
}
