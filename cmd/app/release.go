package app

import (
	"context"
	"runtime/debug"
	"time"
)

// settleTime is how long after the start the memory it took is given back: the
// tmates are read by then, and whoever waited for the port was answered.
const settleTime = 2 * time.Second

// release gives back to the system what only the start needed, once: garbage, and
// the pages of the program's own file.
func release(ctx context.Context) {
	pause(ctx, settleTime)
	if ctx.Err() == nil {
		debug.FreeOSMemory()
		releaseProgram()
	}
}
