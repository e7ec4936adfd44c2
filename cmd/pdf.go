package cmd

import (
	"errors"
	"os"

	"github.com/spf13/cobra"

	"github.com/tmates/tmates/store/files/reading"
)

// readPDF is the command with which the server starts itself anew to read one PDF
// file: a hostile one ends that process only.
const readPDF = "read-pdf"

func (p *program) readPDFCommand() *cobra.Command {
	return &cobra.Command{
		Use:    readPDF,
		Short:  "Write the text of the PDF file on standard input",
		Hidden: true,
		Args:   usageArgs(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			in, ok := p.in.(*os.File)
			if !ok {
				return errors.New("standard input is not a file")
			}
			return reading.ServePDF(in, p.out)
		},
	}
}
