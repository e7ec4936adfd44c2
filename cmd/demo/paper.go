package demo

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"path"
	"strconv"
	"strings"
)

// content makes a file of the story out of its text: a .pdf of one page with
// these lines, a .png with a bar for each number, anything else as it is.
func content(name, text string) ([]byte, error) {
	switch path.Ext(name) {
	case ".pdf":
		return page(text), nil
	case ".png":
		return chart(text)
	}
	return []byte(text), nil
}

// page draws lines of ASCII on a page of A4.
func page(text string) []byte {
	var lines strings.Builder
	lines.WriteString("BT /F1 12 Tf 16 TL 72 760 Td\n")
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		fmt.Fprintf(&lines, "(%s) Tj T*\n", strings.NewReplacer(`\`, `\\`, "(", `\(`, ")", `\)`).Replace(line))
	}
	lines.WriteString("ET")
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 5 0 R >> >> /Contents 4 0 R >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", lines.Len(), lines.String()),
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
	}
	var b, table bytes.Buffer
	b.WriteString("%PDF-1.4\n")
	for i, object := range objects {
		fmt.Fprintf(&table, "%010d 00000 n \n", b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %[1]d /Root 1 0 R >>\nstartxref\n%[3]d\n%%%%EOF\n", len(objects)+1, table.String(), start)
	return b.Bytes()
}

// chart draws a bar for each number, which are at most 60.
func chart(text string) ([]byte, error) {
	const width, height, tall = 720, 400, 60
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.Draw(img, img.Bounds(), image.NewUniform(color.RGBA{0xfb, 0xf6, 0xec, 0xff}), image.Point{}, draw.Src)
	numbers := strings.Fields(text)
	step := (width - 80) / len(numbers)
	for i, word := range numbers {
		n, err := strconv.Atoi(word)
		if err != nil {
			return nil, fmt.Errorf("draw chart: %w", err)
		}
		shade := color.RGBA{0xb0, 0x6a, 0x2c, 0xff}
		if i == len(numbers)-1 {
			shade = color.RGBA{0xe0, 0x8a, 0x1e, 0xff}
		}
		left := 40 + i*step
		bar := image.Rect(left, height-40-n*(height-80)/tall, left+step-16, height-40)
		draw.Draw(img, bar, image.NewUniform(shade), image.Point{}, draw.Src)
	}
	draw.Draw(img, image.Rect(32, height-40, width-40, height-37), image.NewUniform(color.RGBA{0x4a, 0x3a, 0x2a, 0xff}), image.Point{}, draw.Src)
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return nil, fmt.Errorf("draw chart: %w", err)
	}
	return b.Bytes(), nil
}
