package app_test

import (
	"os"
	"slices"
	"testing"

	"github.com/tmates/tmates/cmd"
	"github.com/tmates/tmates/cmd/app/apptest"
)

func TestMain(m *testing.M) {
	if apptest.IsProgram() || slices.Equal(os.Args[1:], readPDF[1:]) {
		os.Exit(cmd.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, ""))
	}
	os.Exit(m.Run())
}

// readPDF is the program as it starts itself to read a PDF file.
var readPDF = []string{os.Args[0], "read-pdf"}
