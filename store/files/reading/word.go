package reading

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"io"
)

// wordBody is where a Word document keeps its text.
const wordBody = "word/document.xml"

// word writes the text of a .docx file: paragraphs as lines, cells of a table
// apart by tabs.
func word(f io.ReaderAt, size int64, out *limited) error {
	archive, err := zip.NewReader(f, size)
	if err != nil {
		return ErrBroken
	}
	body, err := archive.Open(wordBody)
	if err != nil {
		return ErrBroken
	}
	defer func() { _ = body.Close() }()
	unpacked := &io.LimitedReader{R: body, N: maxUnpacked}
	err = paragraphs(unpacked, out)
	switch {
	case unpacked.N <= 0:
		out.full = true
		return errFull
	case errors.Is(err, errFull):
		return err
	case err != nil:
		return ErrBroken
	}
	return nil
}

// paragraphs reads the XML of a document token by token. The decoder keeps no
// stack of open elements this way, and knows no entity but the five of XML.
func paragraphs(in io.Reader, out *limited) error {
	d := xml.NewDecoder(in)
	d.Strict = false
	text, doubled := false, 0 // inside a run of text; inside the second version of something
	for !out.full {
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch token := token.(type) {
		case xml.StartElement:
			switch token.Name.Local {
			case "Fallback": // for older programs
				doubled++
			case "t":
				text = true
			case "tab":
				out.add("\t")
			case "br", "cr":
				out.add("\n")
			}
		case xml.EndElement:
			switch token.Name.Local {
			case "Fallback":
				doubled = max(doubled-1, 0)
			case "t":
				text = false
			case "tc":
				out.add("\t")
			case "p", "tr":
				out.add("\n")
			}
		case xml.CharData:
			if text && doubled == 0 {
				out.add(string(token))
			}
		}
	}
	return errFull
}
