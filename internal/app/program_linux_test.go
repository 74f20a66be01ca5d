package app

import (
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestOnlyWhatTheFileHasIsLetGo(t *testing.T) {
	t.Parallel()
	const smaps = `00400000-00402000 r--p 00000000 fe:00 9996867                            /opt/vin bot
Size:                  8 kB
Rss:                   8 kB
Anonymous:             0 kB
00402000-0113b000 r-xp 00002000 fe:00 9996867                            /opt/vin bot
Rss:                8172 kB
Anonymous:             0 kB
01fd8000-01fdb000 r--p 01bd7000 fe:00 9996867                            /opt/vin bot
Rss:                  12 kB
Anonymous:            12 kB
01fdb000-020ab000 rw-p 01bda000 fe:00 9996867                            /opt/vin bot
Rss:                 400 kB
Anonymous:             0 kB
7f0000000000-7f0000010000 r-xp 00000000 fe:00 7                          /lib/libc.so.6
Anonymous:             0 kB
7f0000020000-7f0000030000 r--p 00000000 00:00 0
Anonymous:             0 kB
`
	beyond := iotest.ErrReader(errors.New("it is read further than it tells of the program"))
	areas, err := unchanged(io.MultiReader(strings.NewReader(smaps), beyond), "/opt/vin bot")
	require.NoError(t, err)
	assert.Equal(t, []area{{0x400000, 0x402000}, {0x402000, 0x113b000}}, areas)

	_, err = unchanged(strings.NewReader("zz-10 r-xp 0 0 0 /opt/vin bot\n"), "/opt/vin bot")
	require.Error(t, err)
	_, err = unchanged(strings.NewReader("10-zz r-xp 0 0 0 /opt/vin bot\n"), "/opt/vin bot")
	require.Error(t, err)
}

func TestTheProgramRunsOnWithoutItsPages(t *testing.T) {
	t.Parallel()
	program, err := os.Readlink("/proc/self/exe")
	require.NoError(t, err)
	smaps, err := os.Open("/proc/self/smaps")
	require.NoError(t, err)
	defer smaps.Close()
	areas, err := unchanged(smaps, program)
	require.NoError(t, err)
	assert.NotEmpty(t, areas)
	for range 10 {
		require.NoError(t, unmapProgram())
	}
}
