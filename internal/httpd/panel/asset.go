package panel

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"

	"vinbot/internal/httpd"
)

//go:embed static/*.js static/*.css static/*.svg
var static embed.FS

// asset is a file that pages load.
type asset struct {
	kind   string
	text   []byte
	packed func() []byte // compressed, once
}

// assets are all of them, by names that change with what is in them, so that
// browsers may keep each for ever.
type assets struct {
	byName map[string]asset
	names  map[string]string // the name that it has now, by the file's own
}

func loadAssets() (*assets, error) {
	kinds := map[string]string{".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
	files, err := fs.ReadDir(static, "static")
	if err != nil {
		return nil, fmt.Errorf("read the assets: %w", err)
	}
	a := &assets{byName: map[string]asset{}, names: map[string]string{}}
	for _, file := range files {
		text, err := static.ReadFile("static/" + file.Name())
		if err != nil {
			return nil, fmt.Errorf("read the assets: %w", err)
		}
		sum := sha256.Sum256(text)
		extension := path.Ext(file.Name())
		name := strings.TrimSuffix(file.Name(), extension) + "." + hex.EncodeToString(sum[:6]) + extension
		a.names[file.Name()] = name
		a.byName[name] = asset{kinds[extension], text, sync.OnceValue(func() []byte { return pack(text) })}
	}
	return a, nil
}

func pack(text []byte) []byte {
	var packed bytes.Buffer
	w, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression) // a level that there is
	_, _ = w.Write(text)                                       // nor does a buffer fail
	_ = w.Close()
	return packed.Bytes()
}

// address is where a file is served now.
func (a *assets) address(file string) (string, error) {
	name, ok := a.names[file]
	if !ok {
		return "", fmt.Errorf("there is no asset %q", file)
	}
	return "/static/" + name, nil
}

func (p *Panel) assetRoutes() []route {
	return []route{{"GET", "/static/{name}", anybody, (*visit).sendAsset}}
}

// sendAsset answers with a file that pages load.
func (v *visit) sendAsset() error {
	found, ok := v.assets.byName[v.r.PathValue("name")]
	if !ok {
		return v.refuse(http.StatusNotFound, "error.not_found")
	}
	header, text := v.w.Header(), found.text
	header.Set("Content-Type", found.kind)
	header.Set("Cache-Control", "public, max-age=31536000, immutable")
	header.Set("Vary", "Accept-Encoding")
	if httpd.TakesGzip(v.r) {
		text = found.packed()
		header.Set("Content-Encoding", "gzip")
	}
	header.Set("Content-Length", strconv.Itoa(len(text)))
	_, _ = v.w.Write(text) // if the browser has gone, nobody is left to tell
	return nil
}
