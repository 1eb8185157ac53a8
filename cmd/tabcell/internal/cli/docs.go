package cli

import (
	"errors"
	"fmt"
	"os"
	goruntime "runtime"
	"slices"
	"strings"
	"text/tabwriter"

	"tabcell/assets"
	"tabcell/cmd/tabcell/internal/manual"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

func (a *App) docsCommand() *cobra.Command {
	var asMarkdown, search bool
	cmd := &cobra.Command{
		Use:   "docs [TOPIC]",
		Short: "Print a page of the manual",
		Long: `Print a page of the manual, or list the pages. On a terminal the text has colors, unless NO_COLOR is
set, and is as wide as the terminal, at most 100 columns. Elsewhere it is plain text.` + exitHelp,
		Example: "  tabcell docs\n  tabcell docs install | less\n  tabcell docs --search proxy",
		Args: func(cmd *cobra.Command, args []string) error {
			if search && len(args) == 0 {
				return errors.New("the text to search for is missing")
			}
			return cobra.MaximumNArgs(1)(cmd, args)
		},
		ValidArgsFunction: completeTopics,
		RunE: func(_ *cobra.Command, args []string) error {
			pages, err := manual.Pages(assets.Docs())
			switch {
			case err != nil:
				return err
			case len(args) == 0:
				return a.listPages(pages)
			case search:
				return a.searchPages(pages, args[0])
			}
			return a.printPage(pages, args[0], asMarkdown)
		},
	}
	cmd.Flags().BoolVar(&search, "search", false, "list the lines of all pages that contain a text")
	cmd.Flags().BoolVar(&asMarkdown, "markdown", false, "print the source of the page")
	cmd.MarkFlagsMutuallyExclusive("search", "markdown")
	return cmd
}

// completeTopics returns the topics for the shell's completion.
func completeTopics(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	pages, err := manual.Pages(assets.Docs())
	if err != nil || len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var all []string
	for _, p := range pages {
		all = append(all, cobra.CompletionWithDesc(p.Topic, p.Title))
	}
	return all, cobra.ShellCompDirectiveNoFileComp
}

// listPages prints the topics, with one line each.
func (a *App) listPages(pages []manual.Page) error {
	w := tabwriter.NewWriter(a.Stdout, 0, 0, 2, ' ', 0)
	for _, p := range pages {
		fmt.Fprintf(w, "%s\t%s\n", p.Topic, p.Title)
	}
	return w.Flush()
}

// searchPages prints the lines that contain text, and returns errReported if there are none, as
// grep does.
func (a *App) searchPages(pages []manual.Page, text string) error {
	hits := manual.Search(pages, text)
	if len(hits) == 0 {
		return fmt.Errorf("no page contains %q", text)
	}
	for _, h := range hits {
		if _, err := fmt.Fprintf(a.Stdout, "%s:%d: %s: %s\n", h.Topic, h.Line, h.Heading, h.Text); err != nil {
			return err
		}
	}
	return nil
}

func (a *App) printPage(pages []manual.Page, topic string, asMarkdown bool) error {
	page, ok := manual.Find(pages, topic)
	switch {
	case !ok:
		return unknownTopic(pages, topic)
	case asMarkdown:
		_, err := fmt.Fprint(a.Stdout, page.Source)
		return err
	}
	return manual.Render(a.Stdout, page, a.pageStyle())
}

// unknownTopic returns an error that names similar topics, or all of them.
func unknownTopic(pages []manual.Page, topic string) error {
	similar := similarTopics(pages, topic)
	if len(similar) == 0 {
		return fmt.Errorf("the manual has no page %q; tabcell docs lists the pages, and tabcell docs --search finds a text", topic)
	}
	return fmt.Errorf("the manual has no page %q; similar: %s", topic, strings.Join(similar, ", "))
}

// similarTopics uses the suggestions that cobra makes for misspelt commands.
func similarTopics(pages []manual.Page, topic string) []string {
	topics := &cobra.Command{SuggestionsMinimumDistance: 2}
	for _, p := range pages {
		topics.AddCommand(&cobra.Command{Use: p.Topic, Run: func(*cobra.Command, []string) {}})
	}
	similar := topics.SuggestionsFor(topic)
	slices.Sort(similar)
	return similar
}

// pageStyle returns the style of a page on standard output.
func (a *App) pageStyle() manual.Style {
	const narrow, wide = 80, 100
	file, isFile := a.Stdout.(*os.File)
	if !isFile || !term.IsTerminal(int(file.Fd())) {
		return manual.Style{Width: narrow}
	}
	style := manual.Style{Width: narrow, Color: a.hasColors()}
	if width, _, err := term.GetSize(int(file.Fd())); err == nil && width > 0 {
		style.Width = min(width, wide)
	}
	return style
}

// hasColors reports whether the terminal shows colors and the user wants them. Of the terminals of
// Windows, Windows Terminal does without a further call.
func (a *App) hasColors() bool {
	capable := goruntime.GOOS != "windows" || a.getenv("WT_SESSION") != ""
	return capable && a.getenv("NO_COLOR") == "" && a.getenv("TERM") != "dumb"
}
