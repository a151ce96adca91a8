"""``python -m tests.bench``."""

from tests.bench import imports, live, pages, public, syncs, tick

if __name__ == "__main__":
    imports.main()
    tick.main()
    syncs.main()
    pages.main()
    public.main()
    live.main()
