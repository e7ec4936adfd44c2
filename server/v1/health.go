package v1

import (
	"context"
	"net/http"
	"time"

	"github.com/tmates/tmates/store/tmates"
)

// readyTime bounds how long a question for readiness waits for the database.
const readyTime = 2 * time.Second

// health serves GET and HEAD /health: the process is up.
func health(c call) error {
	return writeJSON(c, http.StatusOK, map[string]string{"status": "ok"})
}

// ready serves GET and HEAD /health/ready: what the server is told now would be
// kept.
func ready(writable func(context.Context) error) func(call) error {
	return func(c call) error {
		ctx, cancel := context.WithTimeout(c.ctx(), readyTime)
		defer cancel()
		if err := writable(ctx); err != nil {
			return tmates.E(tmates.Unavailable, "not_ready", err, "The database cannot be written")
		}
		return health(c)
	}
}
