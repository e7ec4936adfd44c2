package bench

import (
	"encoding/json"
	"fmt"
	"os"
	"time"
)

// Result is what a run found, as it is written to a file.
type Result struct {
	Version string    `json:"version"`
	Date    time.Time `json:"date"`
	Pass    string    `json:"pass"` // the length of one pass of one measurement
	Full    bool      `json:"full"`
	Machine Machine   `json:"machine"`
	Figures []Figure  `json:"figures"`
}

// Figure returns the number of a key that was measured.
func (r Result) Figure(key string) (f Figure, ok bool) {
	for _, f := range r.Figures {
		if f.Key == key && f.Missing == "" {
			return f, true
		}
	}
	return f, false
}

// Write keeps the result in a file as JSON.
func (r Result) Write(file string) error {
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("encode result: %w", err)
	}
	if err := os.WriteFile(file, append(data, '\n'), 0o644); err != nil { //nolint:gosec // holds no secret
		return fmt.Errorf("write result: %w", err)
	}
	return nil
}

// maxResult bounds a result file, in bytes.
const maxResult = 1 << 20

// Read returns the result that a file holds.
func Read(file string) (r Result, err error) {
	info, err := os.Stat(file)
	if err == nil && info.Size() > maxResult {
		return r, fmt.Errorf("read result: %s is no result of `tmates bench`", file)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return r, fmt.Errorf("read result: %w", err)
	}
	if err := json.Unmarshal(data, &r); err != nil {
		return r, fmt.Errorf("read result %s: %w", file, err)
	}
	if len(r.Figures) == 0 {
		return r, fmt.Errorf("read result: %s is no result of `tmates bench`", file)
	}
	return r, nil
}
