package config

import (
	"archive/zip"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestTheProgramKnowsEveryTimeZoneThatGoKnows, without the machine's files.
func TestTheProgramKnowsEveryTimeZoneThatGoKnows(t *testing.T) {
	t.Parallel()
	root, err := exec.Command("go", "env", "GOROOT").Output()
	require.NoError(t, err)
	archive, err := zip.OpenReader(filepath.Join(strings.TrimSpace(string(root)), "lib", "time", "zoneinfo.zip"))
	require.NoError(t, err)
	defer archive.Close()
	known := 0
	for _, f := range archive.File {
		if strings.HasSuffix(f.Name, "/") {
			continue
		}
		data, err := ownZone(f.Name)
		require.NoError(t, err, "%s: run go run ./scripts/zones", f.Name)
		_, err = time.LoadLocationFromTZData(f.Name, data)
		require.NoError(t, err, f.Name)
		known++
	}
	assert.Greater(t, known, 500)

	data, err := ownZone("Europe/Moscow")
	require.NoError(t, err)
	moscow, err := time.LoadLocationFromTZData("Europe/Moscow", data)
	require.NoError(t, err)
	noon := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	assert.Equal(t, "2026-07-01 15:00:00 +0300 MSK", noon.In(moscow).String())
	data, err = ownZone("America/New_York")
	require.NoError(t, err)
	york, err := time.LoadLocationFromTZData("America/New_York", data)
	require.NoError(t, err)
	assert.Equal(t, "08:00 EDT", noon.In(york).Format("15:04 MST"))
	assert.Equal(t, "07:00 EST", noon.AddDate(0, 6, 0).In(york).Format("15:04 MST"))
}

func TestWhatIsNoTimeZone(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Moscow", "europe/moscow", "Europe", "Europe/", "../../etc/passwd", "Europe/Moscow 0 9", " ", "\n"} {
		_, err := Zone(name)
		require.Error(t, err, "%q", name)
	}
	zone, err := Zone("Asia/Omsk")
	require.NoError(t, err)
	assert.Equal(t, "Asia/Omsk", zone.String())
}
