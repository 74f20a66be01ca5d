package telegramtest

import (
	"bytes"
	"image"
	_ "image/jpeg" // pictures that are uploaded
	_ "image/png"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
)

// maxDownload is the largest file that a bot may fetch from the cloud server.
const maxDownload = 20 << 20

type storedFile struct {
	File
	kind Kind
	path string
	data []byte
}

func (f *storedFile) photo() []wirePhoto {
	width, height := 1280, 960
	if drawn, _, err := image.DecodeConfig(bytes.NewReader(f.data)); err == nil {
		width, height = drawn.Width, drawn.Height
	}
	return []wirePhoto{{ID: f.ID, UniqueID: f.UniqueID, Width: width, Height: height, Size: f.Size}}
}

// checkPhoto refuses an upload that Telegram takes for no picture to be shown:
// "The photo must be at most 10 MB in size. The photo's width and height must not exceed 10000 in total. Width and
// height ratio must be at most 20".
func checkPhoto(data []byte) *apiError {
	const most, total, ratio = 10 << 20, 10000, 20
	if len(data) > most {
		return badRequest("file is too big for a photo")
	}
	drawn, _, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return badRequest("IMAGE_PROCESS_FAILED")
	}
	if drawn.Width+drawn.Height > total || max(drawn.Width, drawn.Height) > ratio*min(drawn.Width, drawn.Height) {
		return badRequest("PHOTO_INVALID_DIMENSIONS")
	}
	return nil
}

// fileStore holds every file by its id.
type fileStore struct {
	files map[string]*storedFile
	next  int
}

func (st *fileStore) put(s *Sim, up *upload) *storedFile {
	st.next++
	n := strconv.Itoa(st.next)
	f := &storedFile{data: up.data, kind: KindDocument, File: File{
		ID:       "BQACAgIAAxkB" + strconv.FormatInt(s.bot.ID, 36) + "-" + n,
		UniqueID: "AgAD" + n, Name: up.name, MimeType: up.mime, Size: up.size,
	}}
	f.path = "documents/file_" + n + path.Ext(up.name)
	if strings.HasPrefix(up.mime, "image/") && up.name == "" {
		f.kind, f.path = KindPhoto, "photos/file_"+n+".jpg"
	}
	st.files[f.ID] = f
	return f
}

// Bytes are the content of a file, false if there is no such file.
func (s *Sim) Bytes(fileID string) ([]byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, ok := s.store.files[fileID]
	if !ok {
		return nil, false
	}
	return f.data, true
}

// Forget makes a file unknown to Telegram, as ids of another bot are.
func (s *Sim) Forget(fileID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.store.files, fileID)
}

type wireFile struct {
	File
	Path string `json:"file_path,omitempty"`
}

func (s *Sim) getFile(q *query) (any, *apiError) {
	f, ok := s.store.files[q.text("file_id")]
	if !ok {
		return nil, badRequest("invalid file_id")
	}
	if s.opts.LocalFiles == "" && f.Size > maxDownload {
		return nil, badRequest("file is too big")
	}
	out := wireFile{File: File{ID: f.ID, UniqueID: f.UniqueID, Size: f.Size}, Path: f.path}
	if s.opts.LocalFiles != "" {
		out.Path = filepath.Join(s.opts.LocalFiles, filepath.Base(f.path))
		if err := os.WriteFile(out.Path, f.data, 0o600); err != nil {
			s.violate("getFile: %v", err)
			return nil, badRequest("wrong file_id or the file is temporarily unavailable")
		}
	}
	return out, nil
}

// serveFile answers a download. Faults of the method "download" strike here.
func (s *Sim) serveFile(w http.ResponseWriter, r *http.Request, rest string) {
	token, name, _ := strings.Cut(rest, "/")
	if token != s.opts.Token {
		write(w, nil, unauthorized())
		return
	}
	q := &query{method: "download"}
	fault := s.matchFault(q)
	if fault != nil && !fault.before(r.Context(), s) {
		s.count(q.method, &apiError{Code: codeCut})
		abort()
	}
	s.pause(r.Context(), s.opts.Latency)
	failure := fault.instead(s, q)
	data, ok := s.fileAt(name)
	if failure == nil && !ok {
		failure = notFound()
	}
	s.count(q.method, failure)
	if failure != nil {
		write(w, nil, failure)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	if fault != nil && (fault.lost || fault.truncated) {
		_, _ = w.Write(data[:len(data)/2]) // the connection is cut in any case
		abort()
	}
	_, _ = w.Write(data) // a client that left does not matter to the simulator
}

func (s *Sim) fileAt(name string) ([]byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.store.files {
		if f.path == name {
			return f.data, true
		}
	}
	return nil, false
}

// sentFile is the file of a send: an upload, or one that Telegram has.
func (s *Sim) sentFile(q *query, field string, kind Kind) (*storedFile, *apiError) {
	p, _ := q.lookup(field)
	if p.isFile {
		if len(p.file) == 0 {
			return nil, badRequest("file must be non-empty")
		}
		up := &upload{name: p.filename, mime: mimeOf(p.filename), data: p.file, size: int64(len(p.file))}
		if kind == KindPhoto {
			if failure := checkPhoto(p.file); failure != nil {
				return nil, failure
			}
			up.name, up.mime = "", "image/jpeg"
		}
		return s.store.put(s, up), nil
	}
	f, ok := s.store.files[p.value]
	if !ok {
		return nil, badRequest("wrong file identifier/HTTP URL specified")
	}
	if f.kind != kind {
		return nil, badRequest("type of file mismatch")
	}
	return f, nil
}

func mimeOf(name string) string {
	switch strings.ToLower(path.Ext(name)) {
	case ".pdf":
		return "application/pdf"
	case ".png":
		return "image/png"
	case ".txt":
		return "text/plain"
	default:
		return "application/octet-stream"
	}
}
