package demo

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"time"
)

//go:embed page
var pageFiles embed.FS

// page is the web page: its files by name.
type page struct{ files map[string]pageFile }

type pageFile struct {
	kind string
	etag string
	data []byte
}

func newPage() (*page, error) {
	p := &page{files: map[string]pageFile{}}
	entries, err := fs.ReadDir(pageFiles, "page")
	if err != nil {
		return nil, fmt.Errorf("read the demo's page: %w", err)
	}
	for _, e := range entries {
		data, err := fs.ReadFile(pageFiles, path.Join("page", e.Name()))
		if err != nil {
			return nil, fmt.Errorf("read the demo's page: %w", err)
		}
		sum := sha256.Sum256(data)
		p.files[e.Name()] = pageFile{
			kind: typeOf(e.Name()), data: data, etag: `"` + base64.RawURLEncoding.EncodeToString(sum[:9]) + `"`,
		}
	}
	return p, nil
}

// typeOf does not ask the machine's table of types, which may say anything.
func typeOf(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	default:
		return typeAny
	}
}

func (p *page) index(w http.ResponseWriter, r *http.Request) { p.serve(w, r, "index.html") }

func (p *page) asset(w http.ResponseWriter, r *http.Request) { p.serve(w, r, r.PathValue("name")) }

func (p *page) serve(w http.ResponseWriter, r *http.Request, name string) {
	f, ok := p.files[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", f.kind)
	w.Header().Set("ETag", f.etag)
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(f.data))
}
