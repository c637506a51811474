import type { Role } from '@gatehouse/shared/wire/rights.ts'

export type DemoStudent = {
  readonly number: string
  readonly first: string
  readonly last: string
  readonly department: string | null
  readonly email?: string
  /** What their card says, as an RDM6300 reads it. */
  readonly card?: string
  /** Opens alone, at a keypad. */
  readonly pin?: string
  /** Theirs differs from the usual pass. */
  readonly pass?: 'revoked' | 'expired' | 'not yet valid' | 'south only' | 'suspended' | 'none'
}

/** The long name is 60 characters: tables and the live page must take it. */
export const DEMO_STUDENTS: readonly DemoStudent[] = [
  {
    number: 'S-0001',
    first: 'Ada',
    last: 'Lovelace',
    department: 'Computing',
    email: 'ada@hillside.example',
    card: '01000734E0',
  },
  {
    number: 'S-0002',
    first: 'Zoë',
    last: 'Ångström',
    department: 'Physics',
    email: 'zoe@hillside.example',
    card: '62E3086CED',
  },
  { number: 'S-0003', first: 'Ernő', last: 'Rubik', department: 'Design', card: '13005D1DA5', pass: 'revoked' },
  { number: 'S-0004', first: 'Mary', last: 'Seacole', department: 'Nursing', card: '0A00512F77', pass: 'expired' },
  {
    number: 'S-0005',
    first: 'Chinua',
    last: 'Achebe',
    department: 'Literature',
    card: '0A0051301B',
    pass: 'not yet valid',
  },
  { number: 'S-0006', first: 'Frida', last: 'Kahlo', department: 'Design', card: '0A005130C4', pass: 'south only' },
  { number: 'S-0007', first: 'Suharto', last: '', department: 'Economics', card: '0A00513188', pin: '428173' },
  {
    number: 'S-0008',
    first: 'Wilhelmina Alexandra',
    last: 'van Oranje-Nassau tot Lippe-Biesterfeld',
    department: 'Law',
    card: '0A005132E1',
  },
  { number: 'S-0009', first: 'مريم', last: 'ميرزاخاني', department: 'Mathematics', card: '0A00513345' },
  { number: 'S-0010', first: 'Nguyễn', last: 'Thị Bình', department: 'Law', card: '0A00513412' },
  { number: 'S-0011', first: 'Søren', last: 'Kierkegaard', department: 'Philosophy', card: '0A0051359E' },
  {
    number: 'S-0012',
    first: 'Rosalind',
    last: 'Franklin',
    department: 'Chemistry',
    card: '0A005136D0',
    pass: 'suspended',
  },
  { number: 'S-0013', first: '美咲', last: '田中', department: 'Economics', card: '0A00513703' },
  { number: 'S-0014', first: 'Łukasz', last: 'Żółć', department: 'History', card: '0A0051382B' },
  { number: 'S-0015', first: 'Siobhán', last: "O'Connor", department: 'Literature', card: '0A00513955' },
  { number: 'S-0016', first: 'José María', last: 'García-Núñez', department: 'History' },
  { number: 'S-0017', first: 'Katherine', last: 'Johnson', department: 'Mathematics', card: '0A00513A77' },
  { number: 'S-0018', first: 'Jürgen', last: 'Weiß', department: 'Engineering' },
  { number: 'S-0019', first: 'Olena', last: 'Коваленко', department: 'Engineering' },
  { number: 'S-0020', first: 'Anne-Sophie', last: 'Lefèvre', department: 'Nursing' },
  { number: 'S-0021', first: 'Björk', last: 'Guðmundsdóttir', department: 'Music' },
  { number: 'S-0022', first: 'Ravi', last: 'Krishnamurthy', department: 'Computing' },
  { number: 'S-0023', first: 'Bram', last: 'de Vries', department: null, pass: 'none' },
  { number: 'S-0024', first: 'İpek', last: 'Yıldız', department: 'Physics', pass: 'none' },
]

export const DEMO_ACCOUNTS: readonly { readonly role: Role; readonly email: string; readonly name: string }[] = [
  { role: 'super_admin', email: 'super@hillside.example', name: 'Sam Platform' },
  { role: 'school_admin', email: 'admin@hillside.example', name: 'Annelies Bakker' },
  // What takes much from many waits for a second one.
  { role: 'school_admin', email: 'second@hillside.example', name: 'Ruben Jansen' },
  { role: 'staff', email: 'staff@hillside.example', name: 'Tom Visser' },
  { role: 'security', email: 'guard@hillside.example', name: 'Gus Mulder' },
  { role: 'facilities', email: 'facilities@hillside.example', name: 'Fenna Smit' },
  { role: 'student', email: 'ada@hillside.example', name: 'Ada Lovelace' },
]
