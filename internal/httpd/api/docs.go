package api

import (
	"embed"
	"net/http"
	"path"
	"strconv"

	"vinbot/internal/httpd"
)

//go:embed page
var page embed.FS

// docsFiles are the files of the page that explains the API, by their paths. It
// fetches nothing from anywhere else.
func docsFiles() map[string]string {
	return map[string]string{
		"/api/docs": "index.html", "/api/docs/docs.js": "docs.js", "/api/docs/docs.css": "docs.css",
	}
}

// explain answers with a file of the page that explains the API.
func (a *API) explain(w http.ResponseWriter, r *http.Request, name string) {
	r.Pattern = "GET /api/docs"
	text, err := page.ReadFile("page/" + name)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	kinds := map[string]string{".html": "text/html", ".js": "text/javascript", ".css": "text/css"}
	header := w.Header()
	header.Set("Content-Type", kinds[path.Ext(name)]+"; charset=utf-8")
	header.Set("Cache-Control", "public, max-age="+strconv.Itoa(docsSeconds))
	header.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'")
	httpd.Send(w, r, http.StatusOK, text)
}

// docsSeconds is how long the description may be kept.
const docsSeconds = 300
