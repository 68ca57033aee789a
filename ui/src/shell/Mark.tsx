/** The ship. */
export function Mark({ size = 22 }: { size?: number }) {
  return (
    <svg aria-hidden="true" width={size} height={size} viewBox="0 0 32 32" focusable="false">
      <rect width="32" height="32" rx="7" fill="#0b5f99" />
      <path d="M17.2 5.5c3.9 3.6 6.3 8 7.1 13.1h-7.1zM14.6 9.2v9.4H8.1c.7-3.8 2.8-7 6.5-9.4z" fill="#fff" />
      <path d="M6.4 21.2h19.2c-.9 3.4-3 5.3-6.2 5.3h-6.8c-3.2 0-5.3-1.9-6.2-5.3z" fill="#fff" />
    </svg>
  );
}
