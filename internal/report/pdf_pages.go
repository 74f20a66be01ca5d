package report

import (
	"errors"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// maxTreeDepth is far above what writers make: they balance the tree.
const maxTreeDepth = 64

// pageTree walks the tree of pages (ISO 32000-1, section 7.7.3).
type pageTree struct {
	xref  *model.XRefTable
	nodes map[types.IndirectRef]bool // inner nodes met so far
	pages int
}

// countPages counts the pages that the tree really leads to, which a damaged
// file's own /Count does not tell.
func countPages(xref *model.XRefTable) (int, error) {
	root, err := xref.Pages()
	if err != nil || root == nil {
		return 0, errors.New("no page tree")
	}
	t := pageTree{xref: xref, nodes: map[types.IndirectRef]bool{}}
	if err := t.walk(*root, 0); err != nil {
		return 0, err
	}
	if t.pages == 0 {
		return 0, errors.New("no pages")
	}
	return t.pages, nil
}

func (t *pageTree) walk(object types.Object, depth int) error {
	if depth > maxTreeDepth {
		return errors.New("page tree too deep")
	}
	node, err := t.xref.DereferenceDict(object)
	if err != nil || node == nil {
		return errors.New("a page is missing")
	}
	kids, inner := node.Find("Kids")
	if !inner {
		t.pages++
		return t.checkContents(node)
	}
	if ref, ok := object.(types.IndirectRef); ok {
		// A node met twice is a cycle, or a tree that doubles at every level.
		if t.nodes[ref] {
			return errors.New("page tree runs in a circle")
		}
		t.nodes[ref] = true
	}
	list, err := t.xref.DereferenceArray(kids)
	if err != nil {
		return errors.New("page tree broken")
	}
	for _, kid := range list {
		if err := t.walk(kid, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// checkContents wants the page's streams to be there. An empty page has none
// and is fine.
func (t *pageTree) checkContents(page types.Dict) error {
	contents, ok := page.Find("Contents")
	if !ok {
		return nil
	}
	object, err := t.xref.Dereference(contents)
	if err != nil {
		return errors.New("a page's content is unreadable")
	}
	parts, many := object.(types.Array)
	if !many {
		parts = types.Array{object}
	}
	for _, part := range parts {
		stream, err := t.xref.Dereference(part)
		if err != nil {
			return errors.New("a page's content is unreadable")
		}
		if _, ok := stream.(types.StreamDict); !ok {
			return errors.New("a page's content is missing")
		}
	}
	return nil
}
