package panel_test

import (
	"bytes"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"vinbot/internal/report/pdftest"
)

// keepsFiles has what the tab downloads be put into a folder.
func (p *tab) keepsFiles() (folder string) {
	p.Helper()
	folder = p.TempDir()
	p.do(send(cdpbrowser.SetDownloadBehavior, cdpbrowser.SetDownloadBehaviorParams{
		Behavior: cdpbrowser.SetDownloadBehaviorBehaviorAllow, DownloadPath: folder,
		BrowserContextID: chromedp.FromContext(p.ctx).BrowserContextID,
	}))
	return folder
}

// arrives waits until a file has been downloaded: meanwhile an empty one keeps its
// name, over which Chromium moves what is complete.
func (p *tab) arrives(file string) {
	p.Helper()
	require.Eventually(p, func() bool {
		info, err := os.Stat(file)
		return err == nil && info.Size() > 0
	}, patience, patience/1000)
}

// sheet reports whether a picture shows a PDF's page: something written on a
// large sheet of paper, on the browser's dark desk.
func sheet(shot image.Image) bool {
	var white, black, dark, all int
	for y := 60; y < shot.Bounds().Dy(); y += 2 { // below the viewer's bar
		for x := 400; x < 1180; x++ {
			r, g, b, _ := shot.At(x, y).RGBA()
			all++
			switch r, g, b = r>>8, g>>8, b>>8; {
			case r > 250 && g > 250 && b > 250:
				white++
			case r < 20 && g < 20 && b < 20:
				black++
			}
		}
		if r, _, _, _ := shot.At(shot.Bounds().Dx()-20, y).RGBA(); r>>8 < 80 {
			dark++
		}
	}
	return white > all*9/10 && black > 20 && dark > 300
}

// TestAReportIsShownByTheBrowser. Chromium does so in a viewer of its own, which
// our policy of content does not bind: see the next test.
func TestAReportIsShownByTheBrowser(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := w.opens(7, honda)
	w.as(boris).uploads(k, string(pdftest.Valid("VIN: "+honda)))
	p := newBrowser(t).signIn(t, w, boris, desktop)
	p.goes(path(k, ""))
	p.until(`(document.querySelector("#ticket-reports a[target]").target = "_self", true)`) // so that this tab is looked at
	p.click("#ticket-reports a[target]")
	p.until(`location.pathname === "/tickets/1/reports/1/1"`)
	require.Eventually(t, func() bool {
		shot, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
		require.NoError(t, err)
		seen, err := png.Decode(bytes.NewReader(shot))
		require.NoError(t, err)
		return sheet(seen)
	}, patience, patience/1000)
	p.looks("report-viewed")
	assert.Equal(t, "application/pdf", value[string](p, `document.contentType`))
	p.forgive("chrome-extension://") // the viewer, which is a part of the browser
}

// loud is a PDF whose script asks a server for something.
func loud(at string) []byte {
	script := strings.NewReplacer("(", `\(`, ")", `\)`).Replace(`this.getField("f").value = "ran"; this.submitForm("` + at + `"); app.launchURL("` + at + `");`)
	return pdftest.Assemble(
		"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [6 0 R] /DR << /Font << /F1 3 0 R >> >> /DA (/F1 12 Tf 0 g) >> "+
			"/OpenAction << /S /JavaScript /JS ("+script+") >> >>",
		"<< /Type /Pages /Kids [4 0 R] /Count 1 >>",
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents 5 0 R /Annots [6 0 R] >>",
		pdftest.Stream([]byte("BT /F1 12 Tf 56 780 Td (VIN: "+honda+") Tj ET"), ""),
		"<< /Type /Annot /Subtype /Widget /FT /Tx /T (f) /V (not run) /Rect [56 600 300 640] /DA (/F1 24 Tf 0 g) /F 4 /P 4 0 R >>")
}

// TestAReportWithAScriptIsDownloadedInsteadOfShown, since no policy of ours binds
// a browser's viewer.
func TestAReportWithAScriptIsDownloadedInsteadOfShown(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer elsewhere.Close()
	w := newWorld(t)
	k := w.opens(7, honda)
	b := w.as(boris)
	file := loud(elsewhere.URL)
	b.uploads(k, string(file))
	assert.Regexp(t, `^attachment; `, b.gets("/tickets/1/reports/1/1").header.Get("Content-Disposition"))
	p := newBrowser(t).signIn(t, w, boris, desktop)
	folder := p.keepsFiles()
	p.goes(path(k, ""))
	p.until(`(document.querySelector("#ticket-reports a[target]").target = "_self", true)`)
	p.click("#ticket-reports a[target]")
	saved := filepath.Join(folder, "report-1.pdf")
	p.arrives(saved)
	assert.Equal(t, string(file), contents(t, saved))
	assert.Equal(t, path(k, ""), value[string](p, `location.pathname`), "the page stays")
	assert.Zero(t, asked.Load())
}
