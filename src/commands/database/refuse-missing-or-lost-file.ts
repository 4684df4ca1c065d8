import { fileOfDatabase } from '../../storage/open-database-by-url.ts';
import { refuseLostFile, refuseMissingFile } from '../../storage/sqlite/file-checks.ts';
import { explain } from '../explain-correctable-errors.ts';

/** For commands that only read a database, which must not create one. */
export const refuseMissing = refusing(refuseMissingFile);

/** For commands that may create a database, which must not replace one that was lost. */
export const refuseLost = refusing(refuseLostFile);

function refusing(refuse: (file: string) => void): (url: string) => void {
  return (url) => {
    const file = fileOfDatabase(url);
    try {
      if (file !== undefined) refuse(file);
    } catch (error) {
      explain(error);
    }
  };
}
