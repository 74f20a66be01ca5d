package panel_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/httpd/panel"
	"vinbot/internal/report/pdftest"
)

// drags has a file be dragged onto the page, far from its form, and, if it is
// dropped, let go there, as the browser is told of it by the desktop.
func (p *tab) drags(file string, dropped bool) {
	p.Helper()
	kinds := []input.DispatchDragEventType{input.DispatchDragEventTypeDragEnter, input.DispatchDragEventTypeDragOver}
	if dropped {
		kinds = append(kinds, input.DispatchDragEventTypeDrop)
	}
	for _, kind := range kinds {
		p.do(send(input.DispatchDragEvent, input.DispatchDragEventParams{
			Type: kind, X: 60, Y: 140, Data: &input.DragData{Items: []*input.DragDataItem{}, Files: []string{file}, DragOperationsMask: 1},
		}))
	}
}

// gate lets so many bytes of a body through, and the rest once it is opened.
type gate struct {
	io.ReadCloser

	left int
	open <-chan struct{}
}

func (g *gate) Read(into []byte) (int, error) {
	if g.left <= 0 {
		<-g.open
		return g.ReadCloser.Read(into)
	}
	n, err := g.ReadCloser.Read(into[:min(len(into), g.left)])
	g.left -= n
	return n, err
}

// behindAGate has the panel be where uploads come in half, until they are let in.
func (w *world) behindAGate(bytes int) (letIn func()) {
	w.Helper()
	open := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/reports") {
			r.Body = &gate{r.Body, bytes, open}
		}
		w.panel.ServeHTTP(out, r)
	}))
	letIn = sync.OnceFunc(func() { close(open) })
	w.Cleanup(func() {
		letIn()
		assert.NoError(w, w.hub.Stop(w.Context()))
		server.CloseClientConnections()
		server.Close()
	})
	w.url = server.URL
	return letIn
}

func TestAReportIsDroppedAnywhereOnThePageAndABarShowsHowMuchHasCome(t *testing.T) {
	t.Parallel()
	// More than all that stands between the browser and the panel can hold.
	const size, half = 48 << 20, 1 << 20
	w := newWorld(t, func(o *panel.Options) { o.Uploads.Max = size + half })
	letIn := w.behindAGate(half)
	k := w.opens(7, honda)
	file := filepath.Join(t.TempDir(), "отчёт.pdf")
	require.NoError(t, os.WriteFile(file, pdftest.Valid("VIN: "+honda), 0o600))
	require.NoError(t, os.Truncate(file, size))
	p := newBrowser(t).signIn(t, w, boris, desktop)
	p.goes(path(k, ""))
	p.until(`document.documentElement.dataset.connected === "yes"`)

	p.drags(file, false)
	p.until(`document.querySelector("form.upload").classList.contains("over")`)
	p.until(`document.body.dispatchEvent(new DragEvent("dragleave", {bubbles: true}))`) // which leaving the window causes
	p.until(`!document.querySelector("form.upload").classList.contains("over")`)

	p.drags(file, true)
	p.until(`!document.querySelector("progress").hidden && document.querySelector("progress").value > 0`)
	share := value[float64](p, `document.querySelector("progress").value`)
	assert.Less(t, share, 100.0, "half of it has come")
	assert.True(t, value[bool](p, `document.querySelector("form.upload button").disabled`), "and it is not sent twice")
	assert.True(t, value[bool](p, `(() => {
		const bar = document.querySelector("progress").getBoundingClientRect();
		return bar.width > 100 && bar.top >= 0 && bar.bottom <= innerHeight;
	})()`), "the bar is to be seen")
	p.looks("upload-bar")
	letIn()
	p.reads("Файл получен и проверяется.")
	p.until(`document.querySelector("#ticket-reports .report") && document.querySelector("progress").hidden`)
	assert.Equal(t, path(k, ""), value[string](p, `location.pathname`), "the browser did not open the file")
	r, err := w.store.LiveReport(t.Context(), k.ID)
	require.NoError(t, err)
	assert.EqualValues(t, size, r.Size)
	assert.EqualValues(t, boris, r.SenderID)
}

func TestWhatIsDroppedAndRefusedIsSaidAndAnotherMayBeDropped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.opens(7, honda)
	folder := t.TempDir()
	large, good := filepath.Join(folder, "large.pdf"), filepath.Join(folder, "good.pdf")
	require.NoError(t, os.WriteFile(large, pdftest.Valid("VIN: "+honda), 0o600))
	require.NoError(t, os.Truncate(large, 1<<20+1))
	require.NoError(t, os.WriteFile(good, pdftest.Valid("VIN: "+honda), 0o600))
	p := newBrowser(t).signIn(t, w, boris, phone)
	p.goes(path(k, ""))
	p.until(`document.documentElement.dataset.connected === "yes"`)
	p.forgive("413")
	p.drags(large, true)
	p.reads("больше 1 МБ")
	p.until(`document.querySelector("progress").hidden && document.querySelector("input[type=file]").files.length === 0`)
	p.drags(good, true)
	p.reads("Файл получен и проверяется.")
	p.do(chromedp.ScrollIntoView(chromedp.CSS("#ticket-reports")))
	assert.True(t, p.fits())
}
