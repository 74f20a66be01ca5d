package report

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"vinbot/internal/report/pdftest"
)

const (
	wanted  = "1HGCM82633A004352"
	another = "WBAFW51040C245397"
)

func TestTheVINsInAReportsText(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		pages []string
		text  bool
		vins  []string
	}{
		"the car's":            {[]string{"Vehicle history report\nVIN: " + wanted}, true, []string{wanted}},
		"on a later page":      {[]string{"Title", "VIN " + another}, true, []string{another}},
		"several":              {[]string{another + " and " + wanted}, true, []string{another, wanted}},
		"none":                 {[]string{"Vehicle history report"}, true, nil},
		"no text, like a scan": {[]string{""}, false, nil},
	} {
		file := pdftest.Pages(tc.pages...)
		got := search(bytes.NewReader(file), int64(len(file)), Finding{Pages: len(tc.pages)})
		assert.True(t, got.Searched, name)
		assert.Equal(t, tc.text, got.Text, name)
		assert.Equal(t, tc.vins, got.VINs, name)
		assert.Equal(t, len(tc.pages), got.Pages, name)
	}
}

func TestWhatCannotBeSearchedSaysNothing(t *testing.T) {
	t.Parallel()
	good := Finding{Pages: 3}
	for _, file := range [][]byte{[]byte("nothing"), pdftest.Truncated()} {
		assert.Equal(t, good, searchSafely(bytes.NewReader(file), int64(len(file)), good))
	}
}

func TestWhichCarAReportIsAbout(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		vins  []string
		other string
		ok    bool
	}{
		"no VIN":       {nil, "", true},
		"the ticket's": {[]string{wanted}, "", true},
		"among others": {[]string{another, wanted}, "", true},
		"another":      {[]string{another}, another, false},
	} {
		other, ok := Finding{VINs: tc.vins}.about(wanted)
		assert.Equal(t, tc.other, other, name)
		assert.Equal(t, tc.ok, ok, name)
	}
}

func TestTheLastWholeAnswerCounts(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		said string
		want Finding
		ok   bool
	}{
		"both":                   {"{\"pages\":2}\n{\"pages\":2,\"searched\":true}\n", Finding{Pages: 2, Searched: true}, true},
		"killed while searching": {"{\"pages\":2}\n", Finding{Pages: 2}, true},
		"killed while it spoke":  {"{\"pages\":2}\n{\"pages\":2,\"sea", Finding{Pages: 2}, true},
		"killed before":          {"", Finding{}, false},
		"nonsense":               {"hello\n", Finding{}, false},
	} {
		got, ok := childResult{answer: []byte(tc.said)}.lastAnswer()
		assert.Equal(t, tc.ok, ok, name)
		assert.Equal(t, tc.want, got, name)
	}
}

func TestAFleetsReportDoesNotFloodTheAnswer(t *testing.T) {
	t.Parallel()
	var page strings.Builder
	for i := range 99 {
		page.WriteString("WVWZZZ1JZ3W0000" + string(rune('0'+i/10)) + string(rune('0'+i%10)) + "\n")
	}
	file := pdftest.Valid(page.String())
	assert.Len(t, search(bytes.NewReader(file), int64(len(file)), Finding{}).VINs, maxVINs)
}
