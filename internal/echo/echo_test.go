package echo

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// page is where the lines go.
type page struct {
	mu  sync.Mutex
	buf bytes.Buffer
	err error
}

func (p *page) Write(line []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err != nil {
		return 0, p.err
	}
	return p.buf.Write(line)
}

// lines gives what was written since it was asked last.
func (p *page) lines() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	text := strings.TrimSuffix(p.buf.String(), "\n")
	p.buf.Reset()
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// away logs that something is away.
func away(log zerolog.Logger, n int) {
	log.Warn().Str("fault", "bucket").Err(fmt.Errorf("dial 127.0.0.1:%d: refused", n)).Int("job", n).Msg("not archived")
}

func TestAFaultIsToldAtOnceAndThenOnceAMinuteWithHowManyMore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &page{}
		w := NewWriter(p)
		log := zerolog.New(w)
		for n := range 90 { // a minute and a half
			away(log, n)
			time.Sleep(1001 * time.Millisecond) // never at the very moment at which the minute is over
		}
		synctest.Wait()
		assert.Equal(t, []string{
			`{"level":"warn","fault":"bucket","error":"dial 127.0.0.1:0: refused","job":0,"message":"not archived"}`,
			`{"level":"warn","fault":"bucket","error":"dial 127.0.0.1:59: refused","job":59,"message":"not archived","more":59}`,
		}, p.lines(), "the newest of those that were held back, whole")
		time.Sleep(Pause)
		synctest.Wait()
		assert.Equal(t, []string{
			`{"level":"warn","fault":"bucket","error":"dial 127.0.0.1:89: refused","job":89,"message":"not archived","more":30}`,
		}, p.lines())
		time.Sleep(10 * Pause)
		synctest.Wait()
		assert.Empty(t, p.lines(), "it is over")
		away(log, 1)
		assert.Len(t, p.lines(), 1, "it begins again: told at once")
		require.NoError(t, w.Close())
	})
}

func TestFaultsAreToldApart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &page{}
		w := NewWriter(p)
		log := zerolog.New(w)
		for range 3 {
			log.Warn().Str("fault", "bucket").Err(errors.New("refused")).Msg("not archived")
			log.Warn().Str("fault", "bucket").Err(errors.New("no such bucket")).Msg("not archived")
			log.Warn().Str("fault", "bucket").Str("kind", "a").Err(errors.New("refused")).Msg("not archived")
			log.Warn().Str("fault", "CRM").Err(errors.New("refused")).Msg("not archived")
			log.Warn().Str("fault", "bucket").Err(errors.New("refused")).Msg("not erased")
		}
		assert.Len(t, p.lines(), 5)
		require.NoError(t, w.Close())
		assert.Len(t, p.lines(), 5)
	})
}

func TestWhatIsNoRepeatedFaultPasses(t *testing.T) {
	t.Parallel()
	p := &page{}
	w := NewWriter(p)
	log := zerolog.New(w)
	for range 3 {
		log.Error().Err(errors.New("x")).Msg("update set aside")
		log.Info().Str("reason", `the "fault":" is elsewhere`).Msg("ticket")
	}
	assert.Len(t, p.lines(), 6)
	require.NoError(t, w.Close())
}

func TestWhatIsPendingIsSaidAtTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &page{}
		w := NewWriter(p)
		log := zerolog.New(w)
		for n := range 5 {
			away(log, n)
		}
		require.Len(t, p.lines(), 1)
		require.NoError(t, w.Close())
		last := p.lines()
		require.Len(t, last, 1)
		assert.Contains(t, last[0], `"more":4}`)
		require.NoError(t, w.Close(), "twice is once")
		away(log, 1)
		away(log, 1)
		assert.Len(t, p.lines(), 2, "what comes later is not held back: nobody would tell it")
		time.Sleep(2 * Pause)
		synctest.Wait()
		assert.Empty(t, p.lines())
	})
}

func TestSoManyKindsOfFaultsThatTheyCannotBeToldApartPass(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &page{}
		w := NewWriter(p)
		log := zerolog.New(w)
		for range 2 {
			for n := range most + 10 {
				log.Warn().Str("fault", "x").Msg(strings.Repeat("y", n))
			}
		}
		assert.Len(t, p.lines(), most+20)
		require.NoError(t, w.Close())
	})
}

func TestALogThatCannotBeWrittenIsSaid(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &page{}
		w := NewWriter(p)
		log := zerolog.New(w)
		away(log, 1)
		away(log, 2)
		p.err = errors.New("disk full")
		_, err := w.Write([]byte("{}\n"))
		require.ErrorContains(t, err, "disk full")
		require.ErrorContains(t, w.Close(), "disk full")
	})
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	p := &page{}
	w := NewWriter(p)
	log := zerolog.New(w)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for n := range 100 {
				away(log, n)
				log.Info().Msg("job")
			}
		})
	}
	all.Wait()
	require.NoError(t, w.Close())
	lines := p.lines()
	assert.Len(t, lines, 802)
	assert.Contains(t, lines[801], `"more":799}`)
}

func BenchmarkALineThatPasses(b *testing.B) {
	w := NewWriter(&bytes.Buffer{})
	line := []byte(`{"level":"info","kind":"card.post","request_id":"884e3c8d1a284e5e","ticket":17,"chat":-4000000001,"outcome":"done","message":"job"}` + "\n")
	w.to = discard{}
	b.ReportAllocs()
	for b.Loop() {
		_, _ = w.Write(line)
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
