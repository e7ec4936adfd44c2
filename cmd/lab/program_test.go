package lab

import (
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/tmates/tmates/cmd"
	"github.com/tmates/tmates/cmd/app/apptest"
)

func TestMain(m *testing.M) {
	if !apptest.IsProgram() {
		os.Exit(m.Run())
	}
	if err := errors.Join(insertDisk(), tellFigures()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(cmd.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, ""))
}
