package report

import (
	"io"
	"strings"
	"time"

	"github.com/ledongthuc/pdf"

	"vinbot/internal/vin"
)

const (
	// searchTime is how long the text is searched: far longer than any report
	// takes, and short enough to leave the check its time.
	searchTime = 5 * time.Second
	// searchPages and pageText bound what is searched. A report names its car
	// at the beginning, and again on every page.
	searchPages = 40
	pageText    = 1 << 20 // bytes
	// maxVINs is how many VINs are remembered: a report on a fleet names more.
	maxVINs = 50
)

// search looks for VINs in the text of a PDF.
func search(file io.ReaderAt, size int64, good Finding) Finding {
	reader, err := pdf.NewReader(file, size)
	if err != nil { // pdfcpu could read it: what a viewer shows, nobody searched
		return good
	}
	found := good
	timeUp := time.After(searchTime)
	for number := 1; number <= min(reader.NumPage(), searchPages); number++ {
		select {
		case <-timeUp:
			return good
		default:
		}
		// Each page reads its own fonts: the same name may be another one there.
		text, err := reader.Page(number).GetPlainText(nil)
		if err != nil {
			return good
		}
		found.read(text[:min(len(text), pageText)])
	}
	found.Searched = true
	return found
}

// read adds what a page's text holds.
func (f *Finding) read(text string) {
	f.Text = f.Text || strings.TrimSpace(text) != ""
	first, rest := vin.Find(text)
	for _, one := range append(first, rest...) {
		if one.Kind == vin.FoundVIN && len(f.VINs) < maxVINs {
			f.VINs = append(f.VINs, one.VIN)
		}
	}
}

// about says whether a PDF may be about the car of a VIN: it holds that VIN, or
// none at all. If it is not, other is one that it does hold.
func (f Finding) about(wanted string) (other string, ok bool) {
	for _, v := range f.VINs {
		if v == wanted {
			return "", true
		}
	}
	if len(f.VINs) == 0 {
		return "", true
	}
	return f.VINs[0], false
}
