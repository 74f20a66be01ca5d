package demo

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"

	"github.com/chromedp/cdproto/cdp"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// keys types into whatever has the focus.
func (p *tab) keys(keys string) {
	p.Helper()
	p.do(chromedp.KeyEvent(keys))
}

// closes closes another tab and comes back to this one.
func (p *tab) closes(other target.ID) {
	p.Helper()
	_, err := chromedp.CallBrowser(p.ctx, target.CloseTarget, target.CloseTargetParams{TargetID: other})
	require.NoError(p, err)
	p.do(send(cdppage.BringToFront, cdp.Empty{}))
}

// tabTo presses Tab until the element has the focus.
func (p *tab) tabTo(selector string) {
	p.Helper()
	const most = 80
	for range most {
		if value[bool](p, fmt.Sprintf(`document.activeElement.matches(%q)`, selector)) {
			return
		}
		p.keys(kb.Tab)
	}
	require.Fail(p, "Tab never gets there", selector)
}

// ownFiles are attached by the picker and by a drop, with a caption.
func ownFiles(p *tab) {
	p.click(`#owner [data-chip="good"]`)
	p.sees("managers", ".message", honda)
	dir := p.TempDir()
	text := filepath.Join(dir, "отчёт.txt")
	require.NoError(p, os.WriteFile(text, []byte("not a PDF"), 0o600))
	p.do(chromedp.SetUploadFiles(chromedp.CSS(`#managers .picker`), []string{text}, chromedp.NodeReady))
	p.sees("managers", ".file-bar", "отчёт.txt")
	p.keys("/done 1" + kb.Enter)
	p.sees("managers", ".message.out .document", "отчёт.txt")
	p.sees("managers", ".message.in", "не PDF")

	p.do(chromedp.Evaluate[chromedp.Void](`(async () => {
		const sample = await fetch(document.querySelector("#managers .document").href);
		await sample.arrayBuffer();
		const data = new DataTransfer();
		data.items.add(new File(["%PDF-1.4 broken"], "broken.pdf", { type: "application/pdf" }));
		const scroll = document.querySelector("#managers .scroll");
		for (const type of ["dragenter", "dragover", "drop"]) {
			scroll.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
		}
	})()`))
	p.sees("managers", ".file-bar", "broken.pdf")
	p.keys("/done 1" + kb.Enter)
	p.sees("managers", ".message.in", "поврежд")
}

// manyAtOnce floods the group, and takes a ticket from a digest.
func manyAtOnce(p *tab) {
	const digest = `.message:has([data-press^="take:"] ~ [data-press^="take:"])`
	p.click(`#owner [data-chip="flood"]`)
	p.sees("managers", digest, "одним сообщением", "Взять")
	id := value[string](p, fmt.Sprintf(`document.querySelector('#managers %s [data-press]').dataset.press`, digest))
	p.do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.querySelector('#managers %s [data-press="%s"]').click()`, digest, id)))
	p.sees("managers", ".toast.shown", "ваша")
	p.sees("managers", digest, "🔧 Борис")
	if *pictures != "" {
		p.picture(filepath.Join(*pictures, "demo-digest.png"))
	}
}

// broken is a connection that breaks: what happened meanwhile is there when it
// is back.
func broken(p *tab) {
	d := p.demo
	p.click(`#owner [data-chip="frame"]`)
	p.sees("owner", ".message.in", "GX110-0069622")
	addr := d.listener.Addr().String()
	require.NoError(p, d.server.Close())
	p.until(`!document.querySelector("#offline").hidden`)
	d.worlds[0].people[0].user.Send(bmw)
	var err error
	d.listener, err = (&net.ListenConfig{}).Listen(p.Context(), "tcp", addr)
	require.NoError(p, err)
	d.server = &http.Server{Handler: d.handler(), ReadHeaderTimeout: headerTime}
	go func() { _ = d.server.Serve(d.listener) }()
	p.Cleanup(func() { _ = d.server.Close() })
	p.sees("managers", ".message", bmw)
	p.until(`document.querySelector("#offline").hidden`)
	p.sees("owner", ".message.out", bmw)
	assert.Equal(p, 1, value[int](p, `document.querySelectorAll('#owner .message.out[data-author="anna"] .text').length - 1`),
		"each message is there once")
	p.forgive("ERR_")
}
