package v1

import "net/http"

// health serves GET and HEAD /health: the process is up.
func health(c call) error {
	return writeJSON(c, http.StatusOK, map[string]string{"status": "ok"})
}
