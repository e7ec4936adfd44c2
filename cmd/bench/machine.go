package bench

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Machine is where a result comes from. What the system does not tell is empty.
type Machine struct {
	OS         string `json:"os"`
	Arch       string `json:"arch"`
	CPU        string `json:"cpu,omitempty"`
	Cores      int    `json:"cores"`
	Memory     int64  `json:"memory_bytes,omitempty"`
	Kernel     string `json:"kernel,omitempty"`
	Filesystem string `json:"filesystem,omitempty"` // of the measured folder: type, device and options
	Go         string `json:"go"`
}

// machineOf describes this machine and the disk of a folder.
func machineOf(dir string) Machine {
	m := Machine{OS: runtime.GOOS, Arch: runtime.GOARCH, Cores: runtime.NumCPU(), Go: runtime.Version()}
	m.CPU = firstValue("/proc/cpuinfo", "model name", "Model", "Hardware")
	if release, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		m.Kernel = strings.TrimSpace(string(release))
	}
	var kib int64
	if _, err := fmt.Sscanf(firstValue("/proc/meminfo", "MemTotal"), "%d kB", &kib); err == nil {
		m.Memory = kib << 10
	}
	m.Filesystem = filesystemOf(dir)
	return m
}

// firstValue returns the value of the first of the keys that a file of "key:
// value" lines has.
func firstValue(file string, keys ...string) string {
	data, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	for _, key := range keys {
		for line := range strings.Lines(string(data)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == key {
				return strings.TrimSpace(value)
			}
		}
	}
	return ""
}

// filesystemOf finds the mount a folder lies in: the one with the longest path
// above it, the last of several.
func filesystemOf(dir string) (found string) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return ""
	}
	f, err := os.Open("/proc/mounts")
	if err != nil {
		return ""
	}
	defer func() { _ = f.Close() }()
	longest := 0
	for lines := bufio.NewScanner(f); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) < 4 {
			continue
		}
		at := strings.ReplaceAll(fields[1], `\040`, " ")
		if rest, ok := strings.CutPrefix(dir, strings.TrimSuffix(at, "/")); ok && (rest == "" || rest[0] == '/') && len(at) >= longest {
			longest, found = len(at), fields[2]+" on "+fields[0]+" ("+fields[3]+")"
		}
	}
	return found
}

// String says it in a line.
func (m Machine) String() string {
	s := m.OS + "/" + m.Arch
	if m.CPU != "" {
		s += ", " + m.CPU
	}
	s += fmt.Sprintf(", %d cores", m.Cores)
	if m.Memory > 0 {
		s += fmt.Sprintf(", %d GB", (m.Memory+5e8)/1e9)
	}
	if fields := strings.Fields(m.Filesystem); len(fields) > 0 {
		s += ", " + fields[0]
	}
	return s + ", " + m.Go
}
