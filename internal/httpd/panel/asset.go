package panel

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"

	"vinbot/internal/httpd"
)

// static holds the files that pages load. Large ones that are not ours stand
// compressed in it, as nearly every browser wants them.
//
//go:embed static/*.js static/*.css static/*.svg static/*.gz
var static embed.FS

// asset is a file that pages load.
type asset struct {
	kind          string
	plain, packed func() ([]byte, error)
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
		content, err := static.ReadFile("static/" + file.Name())
		if err != nil {
			return nil, fmt.Errorf("read the assets: %w", err)
		}
		sum := sha256.Sum256(content)
		own, compressed := strings.CutSuffix(file.Name(), ".gz")
		extension := path.Ext(own)
		name := strings.TrimSuffix(own, extension) + "." + hex.EncodeToString(sum[:6]) + extension
		a.names[own] = name
		found := asset{kind: kinds[extension]}
		found.plain = func() ([]byte, error) { return content, nil }
		found.packed = sync.OnceValues(func() ([]byte, error) { return pack(content) })
		if compressed {
			found.packed, found.plain = found.plain, func() ([]byte, error) { return unpack(content) }
		}
		a.byName[name] = found
	}
	return a, nil
}

func pack(text []byte) ([]byte, error) {
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err == nil {
		_, err = w.Write(text)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("compress an asset: %w", err)
	}
	return packed.Bytes(), nil
}

func unpack(packed []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("unpack an asset: %w", err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("unpack an asset: %w", err)
	}
	return text, nil
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
	return []route{
		{"GET", "/static/{name}", anybody, (*visit).sendAsset},
		{"GET", "/favicon.ico", anybody, (*visit).leadToIcon},
	}
}

// leadToIcon tells where the icon is: beside a file that is no page of ours, as a
// report is, browsers look for it where icons once were.
func (v *visit) leadToIcon() error {
	at, err := v.assets.address("icon.svg")
	if err != nil {
		return err
	}
	v.w.Header().Set("Cache-Control", "no-cache")
	http.Redirect(v.w, v.r, at, http.StatusFound) //nolint:gosec // it is of our own list
	return nil
}

// sendAsset answers with a file that pages load.
func (v *visit) sendAsset() error {
	found, ok := v.assets.byName[v.r.PathValue("name")]
	if !ok {
		return v.refuse(http.StatusNotFound, "error.not_found")
	}
	header, content := v.w.Header(), found.plain
	if httpd.TakesGzip(v.r) {
		content = found.packed
	}
	text, err := content()
	if err != nil {
		return err
	}
	header.Set("Content-Type", found.kind)
	header.Set("Cache-Control", "public, max-age=31536000, immutable")
	header.Set("Vary", "Accept-Encoding")
	if httpd.TakesGzip(v.r) {
		header.Set("Content-Encoding", "gzip")
	}
	header.Set("Content-Length", strconv.Itoa(len(text)))
	_, _ = v.w.Write(text) // if the browser has gone, nobody is left to tell
	return nil
}
